# Warnings for our own targets; third-party headers come in as SYSTEM.
add_library(nnrun_options INTERFACE)
option(NNRUN_WERROR "Warnings are errors; OFF for compilers that have not been tried" ON)
target_compile_options(nnrun_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor
                                               -Woverloaded-virtual $<$<BOOL:${NNRUN_WERROR}>:-Werror>)
# GCC 12 sees an overlap in `"text" + std::string` that is not there (GCC bug 105651).
target_compile_options(nnrun_options INTERFACE
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# nnrun_library(NAME SHARED|STATIC SOURCES…): a library with the project's includes, warnings and run path.
function(nnrun_library name kind)
  add_library(${name} ${kind} ${ARGN})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE nnrun_options)
  set_target_properties(${name} PROPERTIES BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN")
endfunction()
