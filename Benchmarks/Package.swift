// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "recto", path: "..")],
  targets: [
    .executableTarget(
      name: "training-step",
      dependencies: [.product(name: "Recto", package: "recto")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"]),
      ])
  ]
)
