// swift-tools-version: 6.2
// The rooms of the house and who may import whom. ARCHITECTURE.md says why; Tests/House holds the lines.

import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// A room: one target under Sources/, with the rooms it imports itself.
func room(_ name: String, _ rooms: [String] = [], outside: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: rooms.map { .byName(name: $0) } + outside, swiftSettings: strict)
}

/// A test target under Tests/.
func tests(_ name: String, _ rooms: [String], outside: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: rooms.map { .byName(name: $0) } + outside, swiftSettings: strict)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "causeway",
  products: [.executable(name: "causeway", targets: ["causeway"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // 1 the machine
    .target(name: "CLinux"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    room("Posix", ["CLinux"]),
    room("Crypto", ["COpenSSL", "Posix"]),

    // 2 the wire
    room("Formats"),
    room("JWT", ["Crypto", "Formats"]),
    room("HTTP"),
    room("Net", ["Posix", "Crypto", "CLinux"]),
    room("Web", ["Net", "Posix", "Crypto", "HTTP", "Formats", "CZlib"]),
    room("Client", ["Posix", "Crypto", "HTTP", "CCurl"]),

    // 3 the work
    room("Events", ["Formats"]),
    room("Queue", ["Posix", "Crypto", "Events", "Formats", "CZlib", "CLinux"]),
    room("Expressions", ["Formats"]),
    room("Inbound", ["Posix", "Net", "Web", "HTTP", "Crypto", "JWT", "Expressions", "Events", "Formats"]),
    room("Flows", ["Expressions", "Events", "Formats"], outside: [yams]),
    room("Connectors", ["Client", "HTTP", "Crypto", "JWT", "Events", "Formats"]),
    room("Ledger", ["Events", "Formats"], outside: [grdb]),

    // 4 the program
    room(
      "Service",
      [
        "Posix", "Crypto", "Formats", "JWT", "HTTP", "Net", "Web", "Client", "Events", "Queue", "Expressions",
        "Inbound", "Flows", "Connectors", "Ledger",
      ], outside: [log]),
    room("Console", ["Service", "Web", "HTTP", "Formats", "Events", "Queue", "Ledger"]),
    room("Simulators", ["Web", "HTTP", "Net", "Posix", "Client", "JWT", "Crypto", "Events", "Formats"]),
    .executableTarget(
      name: "causeway",
      dependencies: [
        "Service", "Console", "Simulators", "Web", "HTTP", "Net", "Client", "Queue", "Flows", "Connectors", "Ledger",
        "Events",
        "Formats", "Crypto", "JWT", "Posix", arguments, log,
      ], swiftSettings: strict),

    // tests
    .target(
      name: "Support",
      dependencies: ["Posix", "Formats", "Events", "Queue", "HTTP", "Web", "Net", "Crypto", "COpenSSL"],
      path: "Tests/Support", swiftSettings: strict),
    tests("PosixTests", ["Posix", "Support"]),
    tests("CryptoTests", ["Crypto", "Formats", "Support"]),
    tests("FormatsTests", ["Formats", "Support"]),
    tests("JWTTests", ["JWT", "Crypto", "Formats", "Support"]),
    tests("HTTPTests", ["HTTP", "Support"]),
    tests("NetTests", ["Net", "Posix", "Crypto", "CLinux", "Support"]),
    tests("WebTests", ["Web", "Net", "HTTP", "Posix", "Crypto", "CZlib", "Support"]),
    tests("ClientTests", ["Client", "Web", "HTTP", "Net", "Posix", "Support"]),
    tests("EventsTests", ["Events", "Formats", "Support"]),
    tests("QueueTests", ["Queue", "Events", "Formats", "Posix", "Crypto", "Support"]),
    tests("ExpressionsTests", ["Expressions", "Formats", "Support"]),
    tests("InboundTests", ["Inbound", "Posix", "Net", "Web", "HTTP", "Crypto", "JWT", "Events", "Formats", "Support"]),
    tests("FlowsTests", ["Flows", "Expressions", "Events", "Formats", "Support"]),
    tests("ConnectorsTests", ["Connectors", "Client", "HTTP", "Crypto", "JWT", "Events", "Formats", "Support"]),
    tests("LedgerTests", ["Ledger", "Events", "Formats", "Support"]),
    tests(
      "ServiceTests",
      [
        "Service", "Posix", "Crypto", "JWT", "Flows", "Connectors", "Queue", "Events", "Formats", "Inbound", "Ledger",
        "Net", "Web", "HTTP", "Support",
      ], outside: [log]),
    tests("ConsoleTests", ["Console", "Service", "Web", "HTTP", "Net", "Events", "Formats", "Support"]),
    tests("SimulatorsTests", ["Simulators", "Client", "Web", "HTTP", "JWT", "Crypto", "Events", "Formats", "Support"]),
    tests("Contracts", ["Queue", "Inbound", "Events", "Formats", "Web", "HTTP", "Crypto", "JWT", "Support"]),
    tests(
      "Promises",
      [
        "Service", "Simulators", "Client", "Queue", "Events", "Formats", "Posix", "Web", "HTTP", "Net", "Inbound",
        "Crypto", "JWT", "Support",
      ]),
    tests("House", []),
  ]
)
