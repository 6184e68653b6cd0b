/// The study as one page.
public struct Report {
  let results: Results
  public init(_ results: Results) { self.results = results }
  public func html() throws -> String { "" }
}
