# The two commands of the README; everything else is CMake (see CMakePresets.json).
JOBS ?= $(shell nproc)

.PHONY: demo test test-sanitizers build dependencies clean

demo: dependencies
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev -j $(JOBS) --target eight_schools
	@build/bin/eight_schools

test: build
	ctest --preset dev -j $(JOBS) -LE long

# The compiler under the address and undefined behaviour sanitizers (tests/sanitizers.cmake).
test-sanitizers: dependencies
	cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS) --target sanitizers
	ctest --preset dev -j $(JOBS) -C sanitizers -L sanitizers

build: dependencies
	cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS)

dependencies:
	@tools/install-dependencies

clean:
	rm -rf build
