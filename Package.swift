// swift-tools-version: 6.2
import PackageDescription

// Plain `swift run` builds the debug configuration; these flags make it as fast as a release build:
// the last -O wins over SwiftPM's -Onone, whole-module compilation lets calls across files inline,
// and the two clang flags are what makes Swift's SIMD types compile to AVX and `squareRoot()` to one
// instruction.
let optimised: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags([
    "-O", "-wmo", "-num-threads", "2", "-disable-batch-mode",
    "-Xcc", "-fno-math-errno", "-Xcc", "-march=native",
  ]),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// A library target of this package.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: optimised)
}

/// The tests of one target.
func tests(_ name: String, exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"],
    exclude: exclude, swiftSettings: optimised)
}

let package = Package(
  name: "recto",
  products: [
    .executable(name: "train", targets: ["train"]),
    .executable(name: "probe", targets: ["probe"]),
    Product.`library`(
      name: "Recto",
      targets: [
        "Files", "Kernels", "Randomness", "Tokenization", "Transformer", "Corpora", "Checkpoints",
        "Training",
        "Study",
      ]),
  ],
  traits: [
    .trait(
      name: "MPI",
      description: "Training on several machines at once, under mpirun; needs libopenmpi-dev.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CPlatform"),
    library("Files", ["CPlatform"]),
    library("Randomness"),
    library(
      "Kernels",
      [
        "Files", "COpenBLAS", "CPlatform",
        .target(name: "COpenMPI", condition: .when(traits: ["MPI"])),
      ]),
    library(
      "Tokenization", ["Files", .product(name: "Collections", package: "swift-collections")]),
    library("Transformer", ["Kernels", "Randomness"]),
    library(
      "Corpora",
      ["Files", "Randomness", .product(name: "OrderedCollections", package: "swift-collections")]),
    library("Checkpoints", ["Files", "Transformer", "Kernels", "Tokenization"]),
    library(
      "Training",
      ["Files", "Checkpoints", "Transformer", "Corpora", "Tokenization", "Randomness"]),
    library(
      "Study",
      [
        "Files", "Training", "Checkpoints", "Transformer", "Corpora", "Tokenization", "Randomness",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .executableTarget(
      name: "train", dependencies: ["Files", "Training", argumentParser],
      swiftSettings: optimised),
    .executableTarget(
      name: "probe", dependencies: ["Study", "Files", argumentParser], swiftSettings: optimised),
    // What several of the test targets need.
    .target(
      name: "TestSupport",
      dependencies: ["Transformer", "Tokenization", "Corpora", "Kernels", "Randomness"],
      path: "Tests/TestSupport", swiftSettings: optimised),
    // The readers that Tests/Fuzzing gives to libFuzzer; here its corpus is replayed.
    .target(
      name: "FuzzedReaders",
      dependencies: [
        "Training", "Checkpoints", "Corpora", "Transformer", "Tokenization", "Kernels",
      ],
      path: "Tests/Fuzzing/Readers", swiftSettings: optimised),
    .testTarget(
      name: "ReplayTests", dependencies: ["FuzzedReaders", "Randomness"],
      path: "Tests/Fuzzing/Replay",
      swiftSettings: optimised),
    tests("Files"),
    tests("Kernels"),
    tests("Tokenization", exclude: ["Golden"]),
    tests("Transformer", exclude: ["Golden"]),
    tests("Corpora"),
    tests("Checkpoints"),
    tests("Training"),
    tests("Study"),
    .testTarget(
      name: "InteropTests",
      dependencies: [
        "Training", "Checkpoints", "Transformer", "Tokenization", "Kernels", "TestSupport",
      ],
      path: "Tests/Interop",
      exclude: [
        "models", "recto.json", "make_golden.py", "check_tensorboard.py", "make_adapter.py",
        "adapter.json", "adapter-documents.jsonl",
      ],
      swiftSettings: optimised),
    .testTarget(
      name: "CommandTests",
      dependencies: ["train", "probe", "Training", "Corpora", "TestSupport"],
      swiftSettings: optimised),
  ]
)
