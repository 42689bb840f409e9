// swift-tools-version: 6.2
// Fuzzing: a package of its own, since its sanitizers are not the product's. `Rooms` is the product's Sources.
// FUZZ_SANITIZERS: `fuzzer,address` (how CI runs it); `fuzzer` alone, which is faster; `none` for what compares streams.

import PackageDescription

let sanitizers = Context.environment["FUZZ_SANITIZERS"] ?? "fuzzer,address"
let isFuzzing = sanitizers != "none"
let watching = isFuzzing ? ["-sanitize=\(sanitizers)"] : []
let language: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
]

/// A room whose parsers are watched: libFuzzer sees which of its branches an input takes.
func watched(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  let flags: SwiftSetting = .unsafeFlags(watching + ["-enable-testing"])
  return .target(
    name: name, dependencies: dependencies, path: "Rooms/\(name)", swiftSettings: language + [flags])
}

/// A room that the others need.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Rooms/\(name)", swiftSettings: language)
}

/// A fuzz target: `fuzz-NAME`, one file in `Targets/NAME`.
func fuzz(_ name: String, _ rooms: [Target.Dependency]) -> Target {
  // SwiftPM says that main is this; gold does not follow the one through the other, so both are said.
  let mains = ["fuzz_\(name)_main", "main"].flatMap { ["-Xlinker", "--defsym=\($0)=fuzz_main"] }
  return .executableTarget(
    name: "fuzz-\(name)", dependencies: ["Fuzzing", "CFuzzer"] + rooms, path: "Targets/\(name)",
    swiftSettings: language + [.unsafeFlags(["-parse-as-library"])],
    linkerSettings: [.unsafeFlags(watching + mains)])
}

let targets: [Target] = [
  .target(name: "CFuzzer", path: "CFuzzer"),
  .target(name: "Fuzzing", path: "Fuzzing", swiftSettings: language),
  fuzz("head", ["HTTP"]),
  fuzz("chunked", ["HTTP"]),
  fuzz("json", ["Formats"]),
  fuzz("xml", ["Formats"]),
  fuzz("soap", ["Inbound", "Formats"]),
  fuzz("webhook", ["Crypto"]),
  fuzz("hmac", ["Inbound", "Crypto", "Formats", "Web", "HTTP"]),
  fuzz("jwt", ["JWT", "Crypto", "Formats"]),
  fuzz("proxy", ["Net"]),
  fuzz("forwarded", ["Web", "Net", "HTTP"]),
  fuzz("gzip", ["Web", "HTTP", "CZlib"]),
  fuzz("record", ["Queue", "Events", "Formats"]),
]

/// Makes streams of requests and says how they are read, for the comparison with other readers.
let streams = Target.executableTarget(
  name: "fuzz-streams", dependencies: ["HTTP"], path: "Differential", exclude: ["compare.py", "samples.py"],
  swiftSettings: language + [.unsafeFlags(["-parse-as-library"])])

let package = Package(
  name: "fuzz",
  targets: [
    .target(name: "CLinux", path: "Rooms/CLinux"),
    .systemLibrary(name: "COpenSSL", path: "Rooms/COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CZlib", path: "Rooms/CZlib", pkgConfig: "zlib"),
    room("Posix", ["CLinux"]),
    watched("Crypto", ["COpenSSL", "Posix"]),
    watched("Formats"),
    watched("JWT", ["Crypto", "Formats"]),
    watched("HTTP"),
    watched("Net", ["Posix", "Crypto", "CLinux"]),
    watched("Web", ["Net", "Posix", "Crypto", "HTTP", "Formats", "CZlib"]),
    room("Events", ["Formats"]),
    watched("Queue", ["Posix", "Crypto", "Events", "Formats", "CZlib", "CLinux"]),
    room("Expressions", ["Formats"]),
    watched("Inbound", ["Posix", "Net", "Web", "HTTP", "Crypto", "JWT", "Expressions", "Events", "Formats"]),
  ] + (isFuzzing ? targets : [streams])
)
