# Completes entratool in Elvish; made by `entratool completions elvish`.

use str

set edit:completion:arg-completer[entratool] = {|@words|
    var index = (- (count $words) 1)
    try {
        e:entratool completions elvish --word $index -- $@words 2>/dev/null </dev/null | from-lines | each {|line|
            if (eq $line "\tfiles") {
                edit:complete-filename $@words
            } else {
                var word meaning = (str:split &max=2 "\t" $line)
                if (eq $meaning '') {
                    put $word
                } else {
                    edit:complex-candidate $word &display=$word' ('$meaning')'
                }
            }
        }
    } catch {
        nop
    }
}
