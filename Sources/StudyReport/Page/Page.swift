import Study

/// The whole page, as its template takes it.
struct Page {
  let title = "Facts in the weights, facts in the prompt"
  let style = Resource.text(PackageResources.page_css)
  let summary: SummarySection
  let glance: GlanceSection
  let finding: FindingSection?
  let legend: [Key]
  let accuracies: [AccuracySection]
  let costs: [CostSection]
  let curves: [CurveSection]
  let generations: [GenerationSection]
  let doses: [DoseSection]
  let exampleSets: [ExampleSection]
  let comparisons: [ComparisonSection]
  let hasIntervals: Bool
  /// What errors and means are over.
  let units: String
  let runs: String
  let comparedOn: String
  let hasCurves: Bool
  let hasGenerations: Bool
  let hasDoses: Bool
  let hasExamples: Bool
  let hasComparisons: Bool

  /// A colour and what it stands for.
  struct Key {
    let placeKind: String
    let label: String
  }

  init(_ results: Results) {
    let datasets = results.datasets
    summary = SummarySection(results)
    glance = GlanceSection(results)
    finding = FindingSection(results)
    let places = results.arms().map(FactLocation.init(arm:))
    legend = FactLocation.allCases.filter(places.contains).map {
      Key(placeKind: $0.kind, label: $0.label)
    }
    accuracies = datasets.map { AccuracySection(results, $0) }
    costs = datasets.map { CostSection(results, $0) }
    curves = datasets.compactMap { CurveSection(results, $0) }
    generations = datasets.compactMap { GenerationSection(results, $0) }
    doses = datasets.compactMap { DoseSection(results, $0) }
    exampleSets = datasets.compactMap { ExampleSection(results, $0) }
    comparisons = datasets.compactMap { ComparisonSection(results, $0) }
    hasIntervals = results.rows.contains { $0.hasError }
    units = results.run.documents == nil ? "worlds" : "the facts that are asked about"
    runs = results.run.documents == nil ? "worlds" : "seeds"
    comparedOn =
      results.run.documents == nil
      ? "worlds, with the 95 % interval of the paired bootstrap over worlds, or Student’s t where that is wider"
      : "questions, with the 95 % interval over facts (Student’s t)"
    hasCurves = !curves.isEmpty
    hasGenerations = !generations.isEmpty
    hasDoses = !doses.isEmpty
    hasExamples = !exampleSets.isEmpty
    hasComparisons = !comparisons.isEmpty
  }
}
