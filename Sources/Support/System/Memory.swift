import Foundation

/// The memory of this machine, as far as this process may use it.
public enum Memory {
  /// Bytes that this process can still take without others being moved to disk: the least of what
  /// the system, its control group and its limit of address space leave; nil where none is known.
  public static var available: Int? {
    [systemAvailable, groupAvailable, ProcessLimit.addressSpace.current.map { $0 - pages(0) }]
      .compactMap { $0 }.min().map { max(0, $0) }
  }

  /// Bytes in memory of this process.
  public static var used: Int { pages(1) }

  /// A number of `/proc/self/statm` in bytes: 0 is address space, 1 what is in memory of it.
  private static func pages(_ field: Int) -> Int {
    let fields = contents("/proc/self/statm")?.split(separator: " ") ?? []
    guard fields.indices.contains(field), let pages = Int(fields[field]) else { return 0 }
    return pages * sysconf(CInt(_SC_PAGESIZE))
  }

  private static var systemAvailable: Int? {
    let line = contents("/proc/meminfo")?.split(separator: "\n").first {
      $0.hasPrefix("MemAvailable:")
    }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// What the limits of a container leave, and of this process's control group (version 2).
  private static var groupAvailable: Int? {
    let own = contents("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::/") }
    let folders = ["/sys/fs/cgroup/"] + (own.map { ["/sys/fs/cgroup\($0.dropFirst(3))/"] } ?? [])
    return folders.compactMap(available).min()
  }

  private static func available(inGroup folder: String) -> Int? {
    for (limit, usage, statistics, files) in [
      ("memory.max", "memory.current", "memory.stat", "inactive_file"),
      (
        "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat",
        "total_inactive_file"
      ),
    ] {
      guard let limit = number(folder + limit), let usage = number(folder + usage) else { continue }
      // Pages of files that nobody reads are given up where memory is needed.
      let line = contents(folder + statistics)?.split(separator: "\n").first {
        $0.hasPrefix(files + " ")
      }
      return limit - usage + (line?.split(separator: " ").last.flatMap { Int($0) } ?? 0)
    }
    return nil
  }

  private static func number(_ path: String) -> Int? {
    contents(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private static func contents(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
