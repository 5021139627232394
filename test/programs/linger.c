// A program that lives until its stdin ends: its name stays readable as long as a test needs it.
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char bytes[256];
  alarm(900);  // a program whose test has died must not stay
  while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) continue;
  return argc > 1 ? atoi(argv[argc - 1]) : 0;
}
