/* Where libFuzzer begins: SwiftPM wants every executable's main under a name of its own, and libFuzzer brings one. */
int fuzz_main(int argc, char **argv);
