/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ORDER PHRASES: as in lang.h.  The values stand in the same order in each language. */
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
	{ "point %s", "第 %s 个点" },
	{ "yes", "是" },
	{ "no", "否" },
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
	{ "%s: %s; %u in all", "%s：%s；共 %u 条" },
	{ "%s: %s; %u in all (%s)", "%s：%s；共 %u 条（%s）" },
	{ "... and %u more", "……另有 %u 条" },
	{ "This is a test message from lossdog. If you can read it, the channel works.",
	  "这是 lossdog 的测试消息。看到它，说明这个通知渠道可用。" },
	{ "        = ", "        = " },
	{ "   likely ", "    可能：" },
	{ "       or ", "    或者：" },
	{ "          because ", "          依据：" },
	{ "          do: ", "          建议：" },
	{ "      do: ", "    建议：" },
	{ " [%s, of %s]\n", " [%s，属于 %s]\n" },
	{ "no training output recognised", "没有识别出训练输出" },
	{ ", step %s", "，第 %s 步" },
	{ ", step %s of %s", "，第 %s 步（共 %s 步）" },
	{ ", epoch %s", "，第 %s 轮" },
	{ ", epoch %s of %s", "，第 %s 轮（共 %s 轮）" },
	{ ", %u restart", "，重启 %u 次" },
	{ ", %u restarts", "，重启 %u 次" },
	{ ", %llu lines, %llu samples", "，%llu 行，%llu 个数据点" },
	{ ", finished", "，已完成" },
	{ ", best ", "，最佳 " },
	{ " at step %s", "（第 %s 步）" },
	{ " at epoch %s", "（第 %s 轮）" },
	{ ", %llu not finite", "，%llu 个不是有限值" },
	{ "  and %u more series\n", "  另有 %u 条曲线\n" },
	{ "  %llu samples of further series were left out (too many series)\n",
	  "  曲线过多，舍去了 %llu 个数据点\n" },
	{ "  nothing is wrong as far as this log tells\n", "  从这份日志看，没有发现问题\n" },
	{ ", resolved", "，已恢复" },
	{ "  clean: ", "  正常：" },
	{ "  clean: %u checks\n", "  正常：%u 项检查\n" },
	{ "  not checked, ", "  未检查，" },
	{ "  not checked: ", "  未检查：" },
	{ "  and %u lesser checks\n", "  另有 %u 项次要检查\n" },
	{ "  not printed, so not checked: ", "  没有打印，未检查：" },
	{ ", ", "，" },
	{ "training loss", "训练损失" },
	{ "validation", "验证" },
	{ "learning rate", "学习率" },
	{ "gradient norm", "梯度范数" },
	{ "step times", "每步用时" },
	{ "GPU and host (%u; they need --with nvidia-smi.csv, or lossdog run)",
	  "GPU 和主机（%u 项；需要 --with nvidia-smi.csv，或用 lossdog run）" },
	{ "GPU (%u)", "GPU（%u 项）" },
	{ "too few points (%u)", "数据点太少（%u 项）" },
	{ "others (%u; --unchecked names all)", "其他（%u 项；--unchecked 列出全部）" },
};

static const char *const names[LANGS] = { "en", "zh" };

const char *
lang_name(enum lang l)
{
	return names[l];
}

const char *
lang_pick(enum lang l, const char *english, const char *chinese)
{
	return l == LANG_ZH && chinese ? chinese : english;
}

bool
lang_find(const char *name, enum lang *ret)
{
	static const char *const variables[] = {
		"LC_ALL", "LC_MESSAGES", "LANG"
	};
	const char *value = NULL;

	for (int l = 0; l < LANGS; l++)
		if (strcmp(name, names[l]) == 0) {
			*ret = (enum lang)l;
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
