# fish completion for lossdog; written by lossdog help --completions fish
complete -c lossdog -s h -l help -d 'say how it is used'
complete -c lossdog -f -n __fish_use_subcommand -a help -d 'say how lossdog or one of its commands is used'
