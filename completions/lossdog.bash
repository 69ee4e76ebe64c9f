# bash completion for lossdog; written by lossdog help --completions bash
_lossdog()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command= options= value= kind= commands word i
	commands='notify config help'
	if [[ $cur == = ]]; then cur=
	elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -z $command && " $commands " == *" $word "* ]]; then
			command=$word
			if [[ " config " != *" $word "* ]]; then break; fi
		elif [[ -n $command && $word != -* ]]; then
			command+=" $word"; break
		fi
	done
	case ${command:-filter} in
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
