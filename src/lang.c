/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "lang.h"

#include <stdlib.h>
#include <string.h>

/* ORDER PHRASES: as in lang.h. */
static const char *const phrase[PHRASES][LANGS] = {
	{ "INFO", "信息" },
	{ "NOTICE", "注意" },
	{ "WARNING", "警告" },
	{ "CRITICAL", "严重" },
	{ "RESOLVED", "已恢复" },
	{ "STARTED", "已开始" },
	{ "RUNNING", "运行中" },
	{ "FINISHED", "已完成" },
	{ "CRASHED", "已崩溃" },
	{ "TEST", "测试" },
	{ "STILL %s", "仍然%s" },
	{ "Run", "任务" },
	{ "Metric", "指标" },
	{ "Value", "数值" },
	{ "Position", "位置" },
	{ "step %s", "第 %s 步" },
	{ "epoch %s", "第 %s 轮" },
	{ "Evidence", "证据" },
	{ "Line", "日志行" },
	{ "Trend", "走势" },
	{ "Likely cause", "可能原因" },
	{ "What to do", "建议" },
	{ "Time left", "剩余时间" },
	{ "Time lost", "已损失时间" },
	{ "Host", "主机" },
	{ "Link", "链接" },
	{ "%s: %s (%s)", "%s：%s（%s）" },
	{ "%s: %s", "%s：%s" },
	{ "%s: %u messages", "%s：%u 条消息" },
	{ "%s: %u messages (%s)", "%s：%u 条消息（%s）" },
	{ "... and %u more", "……另有 %u 条" },
	{ "This is a test message from lossdog. If you can read it, the channel works.",
	  "这是 lossdog 的测试消息。看到它，说明这个通知渠道可用。" },
};

bool
lang_find(const char *name, enum lang *ret)
{
	static const char *const variables[] = {
		"LC_ALL", "LC_MESSAGES", "LANG"
	};
	const char *value = NULL;

	if (strcmp(name, "en") == 0 || strcmp(name, "zh") == 0) {
		*ret = name[0] == 'z' ? LANG_ZH : LANG_EN;
		return true;
	}
	if (*name != '\0' && strcmp(name, "auto") != 0)
		return false;
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if ((value = getenv(variables[i])) != NULL && *value != '\0')
			break;
	*ret = value && strncmp(value, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
	return true;
}

const char *
lang_phrase(enum lang l, enum phrase p)
{
	return phrase[p][l];
}
