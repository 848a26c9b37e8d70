// arc4random is the one function of the C library that came as late as glibc 2.36; with one of our own the program
// starts where glibc is 2.34.
#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

extern "C" std::uint32_t arc4random() noexcept {
  std::uint32_t bits;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) std::abort();  // never fails for so few bytes
  return bits;
}
