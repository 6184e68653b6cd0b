// swift-tools-version: 6.2
import PackageDescription

// Every reader of files under libFuzzer. A package of its own: all of it, the readers of the main
// package too, is compiled with coverage. Build and run it with ./fuzz.

let readers = [
  "safetensors", "configuration", "tokenizer", "model-folder", "recipe", "run-folder", "documents",
  "adapter", "gguf",
]

let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "recto", path: "../..")],
  targets: [
    .target(
      name: "FuzzedReaders", dependencies: [.product(name: "Recto", package: "recto")],
      path: "Readers", swiftSettings: [.swiftLanguageMode(.v6)]),
    .target(name: "Driver", dependencies: ["FuzzedReaders"], path: "Driver"),
  ]
    + readers.map { name in
      .executableTarget(
        name: "fuzz-" + name, dependencies: ["Driver"], path: "Targets/" + name,
        swiftSettings: [.swiftLanguageMode(.v6)],
        // gold stops at the debugging notes of code with coverage.
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
    }
)
