# Completes entratool in bash 3.2 or later; made by `entratool completions bash`.

_entratool() {
    local IFS=$' \t\n' index line piece previous='' typed=''
    local -a words=()
    # bash cuts words at `=` and `:`, which are in the middle of a word here.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        piece=${COMP_WORDS[index]}
        # What is behind the cursor does not count.
        if ((index == COMP_CWORD && BASH_VERSINFO[0] > 3)) && [[ $piece != [=:] ]]; then
            piece=$2
        fi
        if [[ $index != 0 && (${COMP_WORDS[index]} == [=:]* || $previous == [=:]*) ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
        previous=${COMP_WORDS[index]}
    done
    # What bash has cut off in front of the word that it wants is no part of an answer.
    index=$((${#words[@]} - 1))
    typed=${words[index]%"$2"}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            '') ;;
            $'\tfiles')
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done <<<"$(compgen -f -- "$2")"
                ;;
            *)
                line=${line%%$'\t'*}
                COMPREPLY+=("${line#"$typed"}")
                ;;
        esac
    done <<<"$(command entratool completions bash --word "$index" -- "${words[@]}" 2>/dev/null </dev/null)"
}

complete -F _entratool entratool
