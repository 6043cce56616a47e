" Model descriptions of the Vitrail compiler (.vtr)

if exists("b:current_syntax")
  finish
endif

syn keyword vitrailReserved if else for in return
syn keyword vitrailConstant true false none
syn keyword vitrailWord and or not

" Names elsewhere: words only where a statement can begin.
syn match vitrailVersion "\v<vitrail>\ze\s+\d"
syn match vitrailDeclaration "\v<(model|block|op|input|output)>\ze\s+\h"
syn match vitrailStatement "\v<alias>\ze\s*\{"
syn match vitrailStatement "\v^\s*\zs<require>\ze\s+[^=+*/,-]"
syn match vitrailStatement "\v^\s*\zs<require>\ze\s+-\s*[^= ]"
syn match vitrailStatement "\v<parameter>\ze\s*\["
syn match vitrailStatement "\v<shared>\ze\s*\@"
syn match vitrailType "\v:\s*\zs<(bool|int|float|string|list|tensor|block)>"
syn match vitrailType "\v:\s*\zs<(image|tokens|classes|probabilities)>"
syn match vitrailType "\v:\s*\zs<(matrix|bias|gain|token|position|layer_scale|running_mean|running_variance)>"
syn match vitrailProperty "\v\.@1<=<shape>"

syn match vitrailCall "\v<\h\w*\ze\("
syn match vitrailNumber "\v<\d[0-9_]*(\.\d[0-9_]*)?([eE][-+]?\d[0-9_]*)?>"
syn region vitrailString start=+"+ skip=+\\.+ end=+"+ oneline contains=vitrailBraces
syn match vitrailScope "\v\@(\w|\.|\{[^}]*\})+" contains=vitrailBraces
syn region vitrailBraces matchgroup=Delimiter start="{" end="}" oneline contained contains=vitrailWord,vitrailConstant,vitrailCall,vitrailNumber,vitrailProperty
syn match vitrailComment "#.*$" contains=@Spell

hi def link vitrailReserved Statement
hi def link vitrailConstant Constant
hi def link vitrailWord Operator
hi def link vitrailVersion PreProc
hi def link vitrailDeclaration Keyword
hi def link vitrailStatement Keyword
hi def link vitrailType Type
hi def link vitrailProperty Special
hi def link vitrailCall Function
hi def link vitrailNumber Number
hi def link vitrailString String
hi def link vitrailScope Identifier
hi def link vitrailComment Comment

let b:current_syntax = "vitrail"
