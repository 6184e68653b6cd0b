import Foundation
import Testing

/// One of the executables that were built with the tests.
struct Command {
  let name: String
  let folder: URL

  /// The exit status and the output of a finished command.
  struct Result {
    let status: Int32
    let output, error: String
  }

  /// A command that runs.
  final class Running {
    let process = Process()
    private let output, error: URL

    fileprivate init(_ executable: URL, _ arguments: [String], in folder: URL) throws {
      let id = UUID().uuidString
      output = folder.appendingPathComponent(".output-" + id)
      error = folder.appendingPathComponent(".error-" + id)
      for file in [output, error] { try Data().write(to: file) }
      process.executableURL = executable
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: error)
      try process.run()
    }

    /// Waits until a condition holds or the command has ended, and then sends it a signal.
    func wait(
      for description: String, thenSend signal: Int32? = nil, _ isSo: @escaping @Sendable () -> Bool
    ) async throws {
      let process = process
      try await onAThreadOfItsOwn {
        try poll(description) { !process.isRunning || isSo() }
        if let signal, process.isRunning { kill(process.processIdentifier, signal) }
      }
    }

    /// Waits for the end and removes the files of the output.
    func finish() async throws -> Result {
      try await wait(for: "\(process.executableURL?.lastPathComponent ?? "") to end") { false }
      defer { for file in [output, error] { try? FileManager.default.removeItem(at: file) } }
      return Result(
        status: process.terminationStatus,
        output: try String(contentsOf: output, encoding: .utf8),
        error: try String(contentsOf: error, encoding: .utf8))
    }

    deinit { if process.isRunning { process.terminate() } }
  }

  func start(_ arguments: [String]) throws -> Running {
    try Running(Self.products.appendingPathComponent(name), arguments, in: folder)
  }

  func run(_ arguments: [String]) async throws -> Result { try await start(arguments).finish() }

  /// Runs the command in a shell after `limits`, such as `ulimit -f 8`, with `redirection` at its
  /// end.
  func run(_ arguments: [String], limits: String, redirection: String = "") async throws -> Result {
    let executable = Self.products.appendingPathComponent(name)
    return try await Running(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "\(limits)\nexec \"$0\" \"$@\" \(redirection)", executable.path] + arguments,
      in: folder
    ).finish()
  }

  /// The folder of the built products, which also holds the test bundle.
  private static let products: URL = {
    let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
    let program = URL(fileURLWithPath: CommandLine.arguments[0])
    let candidates = (bundles + [Bundle.main.bundleURL.appendingPathComponent("x"), program])
      .map { $0.deletingLastPathComponent() }
    return candidates.first {
      FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent("train").path)
    } ?? program.deletingLastPathComponent()
  }()
}

/// A deadline passed.
struct TimeOut: Error {
  let description: String
}

/// Waits until a condition holds, for at most five minutes.
private func poll(_ description: String, until isSo: () -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(300)
  while !isSo() {
    guard ContinuousClock.now < deadline else { throw TimeOut(description: description) }
    Thread.sleep(forTimeInterval: 0.002)
  }
}

/// Runs `body` on a new thread: tests share a few threads, which the arithmetic of others may
/// occupy for minutes, and what must happen while a command runs cannot wait for them.
private func onAThreadOfItsOwn(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

/// Paths of everything below a folder.
func paths(below folder: URL) throws -> Set<String> {
  Set(try FileManager.default.subpathsOfDirectory(atPath: folder.path))
}
