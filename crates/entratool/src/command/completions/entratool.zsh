#compdef entratool
# Completes entratool in zsh; made by `entratool completions zsh`.

_entratool() {
    local line meaning typed=''
    local -a candidates lines
    lines=("${(@f)$(command entratool completions zsh --word $((CURRENT - 1)) -- \
        "${(@Q)words[1,CURRENT - 1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    # `--option=` stays as it is; what follows it is completed.
    if [[ $PREFIX == --*=* ]]; then
        typed=${PREFIX%%\=*}=
        compset -P '*='
    fi
    for line in $lines; do
        if [[ $line == $'\tfiles' ]]; then
            _files
        else
            meaning=${line#*$'\t'}
            line=${${line%%$'\t'*}#"$typed"}
            candidates+=("${line//:/\\:}${meaning:+:$meaning}")
        fi
    done
    (( $#candidates )) && _describe -V 'entratool' candidates
}

if [[ ${funcstack[1]} == _entratool ]]; then
    _entratool "$@"
else
    compdef _entratool entratool
fi
