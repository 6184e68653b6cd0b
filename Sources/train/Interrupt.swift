@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Whether Ctrl-C or SIGTERM has asked the run to stop.
final class Interrupt: @unchecked Sendable {
  private let requested = Atomic(false)
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [weak self] in self?.requested.store(true, ordering: .relaxed) }
      source.resume()
    }
  }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
