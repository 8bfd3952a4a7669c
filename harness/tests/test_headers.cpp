// Nothing: CMake reads the headers that tests have in common with this file, see CMakeLists.txt.
