# The program and its libraries: the target `program` builds them, `cmake --install` lays them out as a tree that may be
# moved: bin/nnrun, lib/nnrun/*.so, share/nnrun/{configs,schema,data,report}.
add_custom_target(program)
foreach(target nnrun nnrun_base nnrun_engine nnrun_engine_cuda nnrun_images nnrun_kernels_cuda)
  if(TARGET ${target})
    add_dependencies(program ${target})
    install(TARGETS ${target} RUNTIME DESTINATION bin LIBRARY DESTINATION lib/nnrun)
  endif()
endforeach()
install(DIRECTORY configs schema DESTINATION share/nnrun)
install(DIRECTORY assets/report DESTINATION share/nnrun)
install(DIRECTORY data/tiny-cifar10 DESTINATION share/nnrun/data)
install(PROGRAMS scripts/plot_curves.py scripts/plot_sweep.py scripts/plot_comparison.py scripts/plotting.py
                 scripts/fetch_data.sh DESTINATION share/nnrun/scripts)
install(FILES LICENSE README.md DESTINATION share/nnrun)
install(DIRECTORY docs DESTINATION share/nnrun)
