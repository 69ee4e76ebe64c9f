# bash completion for lossdog; written by lossdog help --completions bash
_lossdog()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command= options= value= kind= commands word i
	commands='filter run runs watch check export profiles rules notify config help'
	if [[ $cur == = ]]; then cur=
	elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -z $command && " $commands " == *" $word "* ]]; then
			command=$word
			if [[ " runs profiles rules config " != *" $word "* ]]; then break; fi
		elif [[ -n $command && $word != -* ]]; then
			command+=" $word"; break
		fi
	done
	case ${command:-filter} in
	'filter')
		options='--help --fail-on --to --on --notify --run-name --with --json --quiet --unchecked --color --profile --rules --config --expect-lr --baseline --state-dir --no-state'
		kind=none
		case $prev in
		--fail-on) value='never info notice warning critical' ;;
		--to|-t) kind=none ;;
		--on) kind=rule ;;
		--notify) kind=none ;;
		--run-name) kind=none ;;
		--with|-w) kind=file ;;
		--color) value='auto always never' ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		--expect-lr) kind=none ;;
		--baseline) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'run')
		options='--help --stop-on --stop-signal --stop-grace --stop-kill --cost-per-hour --log --pty --forward --no-unbuffer --spool --on --status --to --notify --run-name --with --json --quiet --unchecked --color --profile --rules --config --expect-lr --baseline --state-dir --no-state'
		kind=command
		case $prev in
		--stop-on) kind=rule ;;
		--stop-signal) kind=none ;;
		--stop-grace) kind=none ;;
		--cost-per-hour) kind=none ;;
		--log) kind=file ;;
		--pty) value='auto always never' ;;
		--forward) value='auto always never' ;;
		--spool) kind=none ;;
		--on) kind=rule ;;
		--to|-t) kind=none ;;
		--notify) kind=none ;;
		--run-name) kind=none ;;
		--with|-w) kind=file ;;
		--color) value='auto always never' ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		--expect-lr) kind=none ;;
		--baseline) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'runs')
		options='--help'
		value='list show rm note'
		case $prev in
		esac ;;
	'runs list')
		options='--help --json --limit --config --state-dir --no-state'
		kind=none
		case $prev in
		--limit|-n) kind=none ;;
		--config) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'runs show')
		options='--help --json --config --state-dir --no-state'
		kind=none
		case $prev in
		--config) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'runs rm')
		options='--help --json --config --state-dir --no-state'
		kind=none
		case $prev in
		--config) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'runs note')
		options='--help --json --config --state-dir --no-state'
		kind=none
		case $prev in
		--config) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'watch')
		options='--help --plain --run-name --include --exclude --from-end --poll --fail-on --to --notify --with --json --quiet --unchecked --color --state-dir --no-state --profile --rules --config --expect-lr --baseline'
		kind=file
		case $prev in
		--run-name) kind=none ;;
		--include) kind=none ;;
		--exclude) kind=none ;;
		--poll) kind=none ;;
		--fail-on) value='never info notice warning critical' ;;
		--to|-t) kind=none ;;
		--notify) kind=none ;;
		--with|-w) kind=file ;;
		--color) value='auto always never' ;;
		--state-dir) kind=dir ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		--expect-lr) kind=none ;;
		--baseline) kind=file ;;
		esac ;;
	'check')
		options='--help --replay --format --run-name --include --exclude --jobs --time-limit --lock-wait --remind --to --notify --print-cron --print-systemd --print-logrotate --print-nagios --print-icinga --with --json --quiet --unchecked --color --state-dir --no-state --profile --rules --config --expect-lr --baseline'
		kind=file
		case $prev in
		--format) value='text table nagios json' ;;
		--run-name) kind=none ;;
		--include) kind=none ;;
		--exclude) kind=none ;;
		--jobs) kind=none ;;
		--time-limit) kind=none ;;
		--lock-wait) kind=none ;;
		--remind) kind=none ;;
		--to|-t) kind=none ;;
		--notify) kind=none ;;
		--with|-w) kind=file ;;
		--color) value='auto always never' ;;
		--state-dir) kind=dir ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		--expect-lr) kind=none ;;
		--baseline) kind=file ;;
		esac ;;
	'export')
		options='--help --to --run-name --with --profile --rules --config'
		kind=file
		case $prev in
		--to|-t) kind=none ;;
		--run-name) kind=none ;;
		--with|-w) kind=file ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'profiles')
		options='--help'
		value='list show test check learn'
		case $prev in
		esac ;;
	'profiles list')
		options='--help --long --profile --rules --config'
		kind=none
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'profiles show')
		options='--help --profile --rules --config'
		kind=profile
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'profiles test')
		options='--help --coverage --unread --color --profile --rules --config'
		kind=file
		case $prev in
		--color) value='auto always never' ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'profiles check')
		options='--help --profile --rules --config'
		kind=file
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'profiles learn')
		options='--help --output --name --all --force --profile --rules --config'
		kind=file
		case $prev in
		--output|-o) kind=file ;;
		--name|-n) kind=none ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'rules')
		options='--help'
		value='list show explain check test'
		case $prev in
		esac ;;
	'rules list')
		options='--help --profile --rules --config'
		kind=rule
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'rules show')
		options='--help --profile --rules --config'
		kind=rule
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'rules explain')
		options='--help --on --expect-lr --baseline --profile --rules --config'
		kind=rule
		case $prev in
		--on) kind=file ;;
		--expect-lr) kind=none ;;
		--baseline) kind=file ;;
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'rules check')
		options='--help --profile --rules --config'
		kind=rule
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'rules test')
		options='--help --profile --rules --config'
		kind=rule
		case $prev in
		--profile|-p) kind=profile ;;
		--rules) kind=dir ;;
		--config) kind=file ;;
		esac ;;
	'notify')
		options='--help --test --show --list --outbox --flush --config --state-dir --no-state'
		kind=none
		case $prev in
		--config) kind=file ;;
		--state-dir) kind=dir ;;
		esac ;;
	'config')
		options='--help'
		value='check show'
		case $prev in
		esac ;;
	'config check')
		options='--help --config'
		kind=none
		case $prev in
		--config) kind=file ;;
		esac ;;
	'config show')
		options='--help --config'
		kind=none
		case $prev in
		--config) kind=file ;;
		esac ;;
	'help')
		options='--help'
		value=$commands
		case $prev in
		esac ;;
	esac
	[[ -z $command && -z $value && $prev != -* ]] && value=$commands
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	elif [[ -n $value ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$value" -- "$cur")
	else
		case $kind in
		file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
		dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
		command) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
		profile|rule) mapfile -t COMPREPLY < <(compgen -W \
			"$("${COMP_WORDS[0]}" help --words "$kind" 2>/dev/null)" -- "$cur") ;;
		esac
	fi
}
complete -F _lossdog lossdog
