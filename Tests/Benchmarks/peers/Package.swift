// swift-tools-version: 6.1
// The receivers that `Tests/Benchmarks/run` measures beside ours: what a Swift team would write today. A package of its
// own, so that nothing of it is a dependency of the product.

import PackageDescription

let package = Package(
  name: "peers",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .target(
      name: "Receiving",
      dependencies: [.product(name: "Crypto", package: "swift-crypto"), .product(name: "GRDB", package: "GRDB.swift")]),
    .executableTarget(
      name: "hummingbird-peer",
      dependencies: ["Receiving", .product(name: "Hummingbird", package: "hummingbird")]),
    .executableTarget(
      name: "flyingfox-peer", dependencies: ["Receiving", .product(name: "FlyingFox", package: "FlyingFox")]),
  ]
)
