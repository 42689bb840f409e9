// swift-tools-version: 6.2
// What `Tests/Benchmarks/queue/run` measures: our queue in process, the bare limit, and peers that do the same job. A
// package of its own, so that nothing of it is a dependency of the product. `Rooms` is the product's Sources.

import PackageDescription

let language: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
]

/// A room that the queue is made of.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Rooms/\(name)", swiftSettings: language)
}

/// A program in C, `Sources/NAME-peer`.
func peer(_ name: String, library: String? = nil, headers: String? = nil) -> Target {
  .executableTarget(
    name: "\(name)-peer", dependencies: ["CBench"],
    cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"] + (headers.map { ["-I\($0)"] } ?? []))],
    linkerSettings: library.map { [.linkedLibrary($0)] } ?? [])
}

let package = Package(
  name: "queue-bench",
  targets: [
    .target(name: "CLinux", path: "Rooms/CLinux"),
    .systemLibrary(name: "COpenSSL", path: "Rooms/COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CZlib", path: "Rooms/CZlib", pkgConfig: "zlib"),
    room("Posix", ["CLinux"]),
    room("Crypto", ["COpenSSL", "Posix"]),
    room("Formats"),
    room("Events", ["Formats"]),
    room("Queue", ["Posix", "Crypto", "Events", "Formats", "CZlib", "CLinux"]),
    .target(name: "CBench", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .executableTarget(
      name: "queue-bench", dependencies: ["CBench", "Queue", "Events", "Formats"], swiftSettings: language),
    peer("limit"),
    peer("sqlite", library: "sqlite3"),
    peer("redis"),
    peer("postgresql", library: "pq", headers: "/usr/include/postgresql"),
  ]
)
