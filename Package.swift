// swift-tools-version: 6.2
import PackageDescription

// Plain `swift run` builds the debug configuration; these flags make it as fast as a release build:
// the last -O wins over SwiftPM's -Onone, whole-module compilation lets calls across files inline,
// and the two clang flags are what makes Swift's SIMD types compile to AVX and `squareRoot()` to
// one instruction.
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
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: optimised)
}

/// The tests of one target, which import others as well.
func tests(
  _ name: String, _ others: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + others,
    exclude: exclude, swiftSettings: optimised)
}

let collections: Target.Dependency = .product(
  name: "Collections", package: "swift-collections")
let orderedCollections: Target.Dependency = .product(
  name: "OrderedCollections", package: "swift-collections")

let package = Package(
  name: "recto",
  products: [
    .executable(name: "train", targets: ["train"]),
    .executable(name: "probe", targets: ["probe"]),
    Product.`library`(
      name: "Recto",
      targets: [
        "Support", "Randomness", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora",
        "Training", "Study", "StudyReport",
      ]),
  ],
  traits: [
    .trait(
      name: "MPI",
      description: "Training on several machines at once, under mpirun; needs libopenmpi-dev.")
  ],
  dependencies: [
    // The options of the commands, their help and their errors.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // A heap for the tokenizer's merges, and dictionaries that keep an order.
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    // The template of the report's page.
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    // Tables of the user's documents.
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  // A target comes after those that it depends on, and names every one that it imports.
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CPlatform"),
    library("Support", ["CPlatform"]),
    library("Randomness"),
    library("Kernels", ["Support", "COpenBLAS", "CPlatform"]),
    library("Tokenization", ["Support", collections]),
    library("Transformer", ["Support", "Kernels", "Randomness"]),
    library("ModelFiles", ["Support", "Kernels", "Tokenization", "Transformer"]),
    library(
      "Corpora",
      [
        "Support", "Randomness", orderedCollections,
        .product(name: "SwiftCSV", package: "SwiftCSV"),
      ]),
    library(
      "Training",
      [
        "Support", "Randomness", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora",
        .target(name: "COpenMPI", condition: .when(traits: ["MPI"])),
      ]),
    library(
      "Study",
      [
        "Support", "Randomness", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora",
        "Training", orderedCollections,
      ]),
    library(
      "StudyReport",
      [
        "Support", "Corpora", "Study", .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Resources")]),
    .executableTarget(
      name: "train",
      dependencies: [
        "Support", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora", "Training",
        argumentParser,
      ],
      swiftSettings: optimised),
    .executableTarget(
      name: "probe",
      dependencies: [
        "Support", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora", "Training",
        "Study", "StudyReport", argumentParser,
      ],
      swiftSettings: optimised),
    // What several of the test targets need.
    .target(
      name: "TestSupport",
      dependencies: ["Transformer", "Tokenization", "Corpora", "Kernels", "Randomness"],
      path: "Tests/TestSupport", swiftSettings: optimised),
    // The readers that Tests/Fuzzing gives to libFuzzer; here its corpus is replayed.
    .target(
      name: "FuzzedReaders",
      dependencies: [
        "Training", "ModelFiles", "Corpora", "Transformer", "Tokenization", "Kernels", "Support",
      ],
      path: "Tests/Fuzzing/Readers", swiftSettings: optimised),
    .testTarget(
      name: "ReplayTests", dependencies: ["FuzzedReaders", "Randomness"],
      path: "Tests/Fuzzing/Replay",
      swiftSettings: optimised),
    tests("Support"),
    tests("Kernels"),
    tests("Tokenization", exclude: ["Golden"]),
    tests("Transformer", ["Kernels", "Randomness"], exclude: ["Golden"]),
    tests(
      "ModelFiles", ["Support", "Kernels", "Randomness", "Tokenization", "Transformer"],
      exclude: ["Golden"]),
    tests("Corpora", ["Support", "Randomness"]),
    tests(
      "Training",
      [
        "Support", "Randomness", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora",
      ]),
    // The report's tests are here too: both need studies made by hand.
    tests(
      "Study",
      [
        "Support", "Randomness", "Kernels", "Tokenization", "Transformer", "ModelFiles", "Corpora",
        "Training", "StudyReport",
      ]),
    .testTarget(
      name: "InteropTests",
      dependencies: [
        "Training", "ModelFiles", "Transformer", "Tokenization", "Kernels", "TestSupport",
      ],
      path: "Tests/Interop",
      exclude: [
        "models", "recto.json", "make_golden.py", "make_gguf.py", "check_tensorboard.py",
        "make_adapter.py", "make_adapters.py", "make_chat.py", "random_models.py", "adapter.json",
        "adapters.json", "adapter-documents.jsonl", "chat.json",
      ],
      swiftSettings: optimised),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "train", "probe", "Support", "Randomness", "Kernels", "Tokenization", "Transformer",
        "ModelFiles", "Corpora", "Training", "Study", "TestSupport",
      ],
      exclude: ["Help", "update-help"],
      swiftSettings: optimised),
  ]
)
