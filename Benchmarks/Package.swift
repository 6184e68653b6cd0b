// swift-tools-version: 6.1
import PackageDescription

// As in Recto's own manifest, so that kernels inline and vectorise in every configuration.
let optimised: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"]),
]
let recto: Target.Dependency = .product(name: "Recto", package: "recto")

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "recto", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "RectoBenchmarks",
      dependencies: [recto, .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/RectoBenchmarks", swiftSettings: optimised,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    .executableTarget(
      name: "timings", dependencies: [recto], path: "Sources/timings",
      swiftSettings: optimised),
    .executableTarget(
      name: "rows", dependencies: [recto], path: "Sources/rows", swiftSettings: optimised),
    .executableTarget(
      name: "thin", dependencies: [recto], path: "Sources/thin", swiftSettings: optimised),
  ]
)
