/// English words that say little about what a text is about, in small letters.
enum CommonWords {
  static func contains(_ word: String) -> Bool {
    isBare(word) || isInflected(word)
  }

  /// Whether a word is in the lists as it is, without an ending.
  static func isBare(_ word: String) -> Bool { function.contains(word) || everyday.contains(word) }

  /// Whether a word is an everyday one with an ending.
  private static func isInflected(_ word: String) -> Bool {
    for (ending, replacements) in endings where word.hasSuffix(ending) {
      let stem = word.dropLast(ending.count)
      guard stem.count >= 3 else { continue }
      if replacements.contains(where: { everyday.contains(stem + $0) }) { return true }
      // "stopped", "running"
      if ending != "s", stem.last == stem.dropLast().last,
        everyday.contains(String(stem.dropLast()))
      {
        return true
      }
    }
    return false
  }

  private static let endings: [(String, [String])] = [
    ("ies", ["y"]), ("es", ["", "e"]), ("s", [""]), ("ied", ["y"]), ("ed", ["", "e"]),
    ("ing", ["", "e"]), ("er", ["", "e"]), ("est", ["", "e"]), ("ly", ["", "e"]),
  ]

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// Articles and words that stand in their place.
  static let determiners = words(
    "a an the this that these those our its their your his her my each every some any no all both")

  /// Words that begin a sentence which only the sentence before it explains.
  static let backward = words(
    "it its it's they their them he his him she her this that these those both such")

  /// Words after which a noun is likely.
  static let beforeNouns = determiners.union(prepositions).subtracting(["that"])

  private static let prepositions = words(
    """
    of for in by with from on at into onto under over between through about against without
    within during before after above below behind beside via per as than like near across along
    among
    """)

  /// Verbs that stand between a subject and what is said of it.
  static let verbs = words(
    """
    is are was were be been being am isn't aren't wasn't weren't has have had having hasn't
    haven't do does did don't doesn't didn't can cannot can't could may might must shall should
    will would won't
    """)

  /// Titles before names.
  static let titles = words("mr mrs ms dr prof st")

  /// Words that belong to grammar.
  static let function = determiners.union(prepositions).union(verbs).union(
    words(
      """
      and or but nor so yet if then else when where while because since until unless although
      though whether who whom whose which what why how there here it he she they we you i me him
      us them itself himself herself themselves ourselves yourself one ones none not only also too
      very more most less least much many few several other others another such same own just even
      still already again ever never always often sometimes now today to up down out off away back
      together either neither instead rather quite almost perhaps however therefore thus hence
      otherwise moreover it's that's there's let's i'm you're we're they're everything nothing
      something anything everyone someone anyone nobody enough
      """))

  /// Verbs, nouns and adjectives of everyday language.
  private static let everyday = words(
    """
    able accept account act action active actual add address adult affect agree allow alone
    amount answer appear apply area arrange arrive article ask attempt available average avoid
    bad base basic become became begin began begun behave believe belong best better big bit
    block body book both bottom bring brought build built business buy call care carry case
    cause center central certain chance change chapter character check child children choice
    choose chose chosen city class clean clear close cold collect come came common company
    compare complete condition connect consider consist contain continue control copy correct
    cost count country couple course cover create current cut daily data date day deal decide
    deep default define depend describe design detail develop difference different difficult
    direct discuss document double draw drawn drive drop early easy edge effect effort end enter
    entire entry equal error especially event exact example except exist expect explain extra
    face fact fail fall fell false family far fast feel felt field figure file fill final find
    fine finish first fit fix fixed follow food force form former forward found free fresh
    friend front full function further future gave general get give given go goes going gone
    good got great group grow guess hand handle happen happy hard head hear heard held help high
    hold home hope hour house human hundred idea important improve include increase inside issue
    item join keep kept kind knew know known language large last late later latter lead learn
    leave left length let letter level life light limit line list little live local long look
    lose lost lot low made main major make man manage manner mark matter mean meant measure meet
    member mention message met method middle million mind minute miss model moment month morning
    move name near necessary need new news next nice night normal note notice number object
    obtain occur offer office old once open operate option order ordinary original page pair
    paper part particular pass past path pattern people percent perform period person pick piece
    place plain plan play please point position possible practice prepare present press pretty
    prevent previous print probable problem process produce program project proper protect prove
    provide public purpose put quality quarter question quick rare rate reach read ready real
    reason receive recent record reduce refer regular relate remain remember remove repeat
    replace report represent request require rest result return right road room round row rule
    run safe said sample save say saw school search second section see seem seen select self
    sell send sent sentence separate serious serve service set shape share short show shown side
    sign similar simple single sit situation size slow small solve soon sort sound source space
    speak special specific split stand standard start state stay step stood stop store story
    strong structure study style subject success suggest sum support suppose sure system table
    take taken talk task teach team tell tend term test text thank thing think third thought
    thousand three time title told took tool top total toward towards track train travel tree
    tried true trust truth try turn twice two type type understand unit upon use user useful
    usual value various version view visit wait walk want watch water way week well went whole
    wide win wish word work world worth write written wrong wrote year yes young zero
    alternative approach aspect attention background benefit beyond brief broad capable category
    clearly combine compute concern consequence consistent context correspond crucial degree
    despite determine directly easily element emphasis enable ensure essential establish
    evidence exactly extend finally focus frequent fully generally identify impact importance
    indeed indicate individual initial intend involve key largely likely likewise maintain
    mainly maximum meanwhile minimum mostly namely nearly needed obvious originally overall
    partly perfect primary prior properly quickly recommend regard relevant respect role
    sequence significant simply slightly somewhat stated strict suitable thereby throughout
    typical unlike valid variety vary whatever whenever wherever
    """)
}
