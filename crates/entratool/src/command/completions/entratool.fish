# Completes entratool in fish; made by `entratool completions fish`.

function __entratool_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l option (string match --regex -- '^--[^=]*=' $word; or echo)
    for line in (command entratool completions fish --word (count $words) -- $words $word 2>/dev/null </dev/null)
        if test "$line" = \tfiles
            for path in (__fish_complete_path (string replace -- "$option" '' $word))
                echo $option$path
            end
        else
            echo $line
        end
    end
end

complete --command entratool --no-files --keep-order --arguments '(__entratool_complete)'
