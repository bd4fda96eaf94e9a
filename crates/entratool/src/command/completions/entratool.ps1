# Completes entratool in PowerShell; made by `entratool completions powershell`.

Register-ArgumentCompleter -Native -CommandName entratool -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # Never the program that was only typed: another user may have written it.
    $program = Get-Command -Name entratool -CommandType Application -ErrorAction SilentlyContinue |
        Select-Object -First 1
    if ($null -eq $program) { return }

    $words = @(foreach ($element in $commandAst.CommandElements) {
        $extent = $element.Extent
        if ($extent.StartOffset -lt $cursorPosition) {
            $length = [Math]::Min($extent.Text.Length, $cursorPosition - $extent.StartOffset)
            $extent.Text.Substring(0, $length).Trim('''"')
        }
    })
    $index = $words.Count
    if ($wordToComplete -ne '') { $index -= 1 }

    & $program completions powershell --word $index '--' @words 2>$null | ForEach-Object {
        $word, $meaning = $_ -split "`t", 2
        # PowerShell offers files by itself where nothing else is offered.
        if ($word -ne '') {
            if ([string]::IsNullOrEmpty($meaning)) { $meaning = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $meaning)
        }
    }
}
