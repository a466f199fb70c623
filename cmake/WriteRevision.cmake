# Writes OUTPUT, a header with the commit of the sources at ROOT; "-dirty" behind it where they were changed. Run at every
# build (cmake -P), so that no program names code that it was not made from.
execute_process(COMMAND git -C ${ROOT} describe --always --dirty --abbrev=10 --exclude=* OUTPUT_VARIABLE revision
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(WRITE ${OUTPUT}.new "#define NNRUN_REVISION \"${revision}\"\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUTPUT}.new ${OUTPUT})
