autocmd BufRead,BufNewFile *.vtr setfiletype vitrail
