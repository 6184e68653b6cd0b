import Kernels

#if MPI
  import COpenMPI
#endif

/// The processes that train one model together, on one machine or many; without the package trait
/// `MPI`, only this one.
///
/// Every process calls the same functions in the same order, from the thread that joined; each call
/// waits for all of them. Where one ends without leaving, mpirun ends the others.
public struct ProcessGroup: Sendable {
  /// This process's number, from 0.
  public let number: Int
  public let count: Int

  /// A group of one process, which waits for no other.
  public static let alone = ProcessGroup(number: 0, count: 1)

  /// Whether this is the process that writes files and reports progress.
  public var isFirst: Bool { number == 0 }

  /// Joins the other processes that `mpirun` started; ``alone`` where there are none.
  ///
  /// Call it once, before anything else of this type.
  public static func join() -> ProcessGroup {
    #if MPI
      var (number, count): (CInt, CInt) = (0, 1)
      mpi_join(&number, &count)
      return ProcessGroup(number: Int(number), count: Int(count))
    #else
      return .alone
    #endif
  }

  /// Sums the values over all processes, in place; for two processes the bits do not depend on the
  /// order.
  public func sum(_ values: Floats) {
    guard count > 1 else { return }
    #if MPI
      precondition(values.count <= CInt.max, "\(values.count) floats do not fit into one message")
      mpi_sum_floats(values.base, CInt(values.count))
    #endif
  }

  /// The sum over all processes.
  public func sum(_ value: Double) -> Double {
    guard count > 1 else { return value }
    var sum = value
    #if MPI
      mpi_sum_doubles(&sum, 1)
    #endif
    return sum
  }

  /// Whether all processes have the same number.
  public func agree(on value: UInt32) -> Bool {
    // The mean of the squares equals the square of the mean only where all numbers are equal.
    // Halves of 16 bits keep the sums exact.
    [value & 0xFFFF, value >> 16].map(Double.init).allSatisfy { half in
      let (total, squares) = (sum(half), sum(half * half))
      return squares * Double(count) == total * total
    }
  }

  /// Waits for the others and leaves the group, at the end of a program.
  public func leave() {
    #if MPI
      mpi_leave()
    #endif
  }

  /// Ends all processes at once, where this one cannot go on.
  public func abort(code: Int32) {
    #if MPI
      if count > 1 { mpi_abort(code) }
    #endif
  }
}
