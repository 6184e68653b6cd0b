/// The English words and names that the scheme of ``Lexicon`` could make by chance.
///
/// The words of a world must be new to readers and models, so none of these is in the lexicon.
enum EnglishWords {
  /// Whether a word is in the list, or begins like an offensive word.
  static func contains(_ word: String) -> Bool {
    excluded.contains(word) || offensiveBeginnings.contains(String(word.prefix(4)))
  }

  static let excluded = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

  private static let offensiveBeginnings: Set<String> = [
    "dago", "fagg", "fago", "fuck", "homo", "jewk", "jewn", "jewy", "jizz", "kika", "kiko", "kunt",
    "nego", "nigg", "nigo", "pako", "paky", "pedo", "rapo", "rapy", "sext", "tard", "tity", "wogg",
    "wogo",
  ]

  private static let text = """
    baboon baby babying babyish back backer backing backus badge bagging bald balder balding balm
    band banding bank banker banking bantam banter banting bantus banyan barb barber barbing bard
    barn barth bash bashing bask basking bast basting batch batching bath bather bathing baxter beck
    becker beckon becky befoul begging bemoan bench benching bend bender bending bent benton berber
    bern berth berthing best besting bestow beth bevy bicker biff biffing bigger biko bind binder
    binding bird birding birth birther birthing bitch bitching black blacker blacking blackish bland
    blander blank blanker blanking blast blaster blasting blend blender blending blent blest blimp
    blind blinder blinding blink blinker blinking blister blither block blocking blogger blogging
    blond blonder blown bluff bluffer bluffing blunder blunt blunter blunting blurb blush blusher
    blushing bluster body bogging bogy bold bolder bomb bomber bombing bond bonding bony border
    bordon born bosh boston botch botching both bother bozo brackish bract brady bragg bragger
    bragging brand branding brandish brandon brant brash brasher bravo brawn brendan brent brenton
    brest brick bricking brink briny brisk brisker brisking brock broth brother brown browner
    browning brownish brunt brush brushing brusk brusker buck bucking budge buff buffer buffing
    bugger bugging bulb bump bumper bumping bunch bunching bunk bunker bunking bunt bunting bunyan
    burn burner burning burnish burp burping bush bushing bust buster busting butch butcher buzz
    buzzer buzzing dado daft dafter dagger damp damper damping dander dank danker danton darn
    darning darth dash dashing davy dawn dawning deck decker decking deft defter defy defying delmer
    demo demoing dent denting denton deny denying dept desk despot dewy dexter dick dicker dicky
    dido diff differ diffing digger digging dink dinker dint dish dishing disk disport distil
    distort ditch ditching dither diva dock docking dodge dodo doff doffing dogging dopy doth dothan
    down downer downing draft drafting dragging dragoon drank drastic drawn drift drifter drifting
    drink drinker drinking dristan drown drowning drugging drunk drunker duck ducking duct ducting
    dudgeon duff duffer dumb dumber dump dumping dunk dunking durban dusk dust duster dusting dutch
    duty fact fagging faggot famous farther farthing fast faster fasting father fawn fawning fend
    fender fending ferber fern fest fester fetch fetching fido film filming filth finch find finder
    finding fink finking firth fish fisher fishing fisk fist fitch fizz fizzing flack flagging flaky
    flank flanking flash flasher flashing flask fleck flecking flesh fleshing flick flicker flicking
    flint flock flocking flogging flown fluff fluffing fluky flunk flunking flush flusher flushing
    fluster fogging fogy fold folder folding fond fonder fondus font forbad ford fording forth
    foster foxy fuck fucker fucking fudge fugger fund funding funk funking furbish furnish further
    fuzz fuzzing gaff gaffing gagging gamy gander garb garbing garner garnish garth gash gashing
    gasp gasping gather gawk gawking geld gelding gender gent gerber gerbil gift gifting gigging
    gild gilding gird girder girding girth gish gist gland glaxo glint glinting goff gold golding
    gonk gordon gorp gosh goth gotham gothic gown gowning grady graft grafter grafting grafton grand
    grandad grander grant granting grasp grasping gravy gregg gresham grimy grind grinder grinding
    grist grown gruff gruffer grunt grunting guff gulp gulping gunk gush gusher gushing gust gusting
    hack hacker hacking hackish haft haldane hamper hand handing hank hanker hard harder harding
    harp harper harping hash hashing hashish hasp hasting hatch hatching hath hawk hawker hawking
    hawkish hazy heck hectic hedge heft hefting held helm help helper helping hemp hench herb herd
    herder herding hester heston hewn hick hind hinder hindus hint hinting hinton hitch hitching
    hither hobo hock hocking hodge hoff hogging hoggish hold holder holding holman homy honk honking
    hording horn host hosting huck huff huffing hugging hugo hump humping hunch hunching hunk hunker
    hunt hunter hunting hurd hush hushing husk husker husking huston hutch jack jacking jacky jagger
    jamb jasper java jazz jazzing jeff jest jester jesting jigger jigging jock jody jogger jogging
    jordan josh joshing judge judo judy jugging jump jumper jumping junk junker junking just juster
    kaftan kalb kant katy keck kelp kemp kent kenton kenyan kenyon kept kern ketch keto kick kicker
    kicking kicky kiddo kind kinder kink kinking kith kosher kraft kurd kurdish lack lacking lactic
    lady lagging lagoon lamb lambent lambing lamp land lander landing landon lank lanker lard larder
    larding lash lashing last lasting latch latching lath lather lathing lava lawn lawyer lazy
    lazying ledge left lefter legging lego lend lender lending lent lentil lept lerner lest lester
    levy levying libyan lick licking lift lifting limb limber limo limp limper limping limy lind
    link linker linking lint linting linton lipton lisp lisping list lister listing liston lither
    livy lock locker locking lodge loft lofting logger logging logo london lord lording lorn lost
    loth luck lucking lucky lugging lumber lump lumping lumpish lunch lunching lush lusher lust
    luster lusting luther mack madge maggot malthus many mash masher mashing mask masking mast
    master match matching math mather mawkish meld melding member memo mend mender mending menkent
    mesh meshing methane mick micky midge miff miffing mild milder mind minding mink mint minting
    mirth mist mister misting mitch mock mocker mocking mold molder molding monk mont morn morning
    most moth mother mown muck mucking mucky muff muffing mugger mugging mulder munch munching
    mundane murder mush mushing musk must muster nagging nagy nanking nash nathan navy neck necking
    nerd nest nesting nether neva next nick nicking nigger nimbus nordic north nosh noshing notch
    notching nothing nova nudge numb number numbing pack packer packing pact palm palmer palming
    pamper pander pant panting pardon past pasting patch patching path pawn pawning peck pecking
    pegging pend pendent pending pent peptic perth pest pester pick picker picking picky pict
    pigging piggish pimp pimping pinch pinching pink pinker pinking pinkish pint pinter pistil
    piston pitch pitcher pitching pith pity pitying pixy plank planking plant planter planting
    plaster plastic plath plato platoon pliny plonk plonking pluck plucking plugging plumb plumber
    plumbing plump plumper plumping plunder plunk plunking plush plusher pluto pock pocking pogo
    poky pomp pompon pond ponder pony porn posh posher post poster posting prado prank prawn
    prawning preston prevail prick pricking priggish primp primping print printer printing privy
    procter proffer promo prosper provo proxy puck pucker puckish puff puffer puffing pulp pulping
    pump pumper pumping punch punching punk punker punt punter punting puny purport push pusher
    pushing puzo rack racking raffish raft rafter rafting ragging ramp ranch rancher ranching rand
    rank ranker ranking rant ranter ranting rapt rash rasher rasp rasping raster rather razz razzing
    reba reckon redo redoing reffing rend render rending rent renter renting resp rest resting retch
    retching reva rick ricking ricky ridge riff riffing rift rifting rigging rind rink risk risking
    rock rocker rocking rocky romp romper romping roster roth roxy ruby ruckus rudy ruff ruffing
    rump rumpus runt runyon rush rushing rusk rust rustic rusting ruth sack sacking sagging sago
    salmon samoan sampan sand sander sanding sank sash sawn sawyer sect sedge send sender sending
    sent sept septic serb serpent seth sewn sexting sexton sexy sick sicker sicking sift sifter
    sifting simper sink sinker sinking sister siva snack snacking snagging snaky snicker sniff
    sniffing snifter snigger snowy snuck snuff snuffer snuffing snugger snugging sock socking soft
    softer sold solder somber sontag sony soto sown stack stacking staff staffer staffing stagger
    stamp stamping stand standing standish stank stanton stash stashing stent stern sterner stick
    sticker sticking stiff stiffer stiffing stink stinker stinking stint stinting stock stocking
    stomp stomping stony stuck study studying stuff stuffing stump stumping stunk stunt stunting
    suck sucker sucking suffer sumo sump sunder sunk suntan suva suzy tack tacking tacky tact tactic
    taft tagging talbot tamp tamper tamping tampon tandem tank tanker tanking tarnish tarp tarpon
    task tasking taster tasting taxying temp temper temping tend tender tending tendon tent tenting
    tern test tester testing tether text texting tick ticker ticking tidy tidying tiff tiffing
    timber tinder tinker tint tinting tiny tithing tito toby togo told tomb tombing tony topsoil
    torn tost toto town track tracker tracking tract traffic tramp tramping trash trashing travail
    trefoil trend trending trent trenton trick tricking trigger tristan tromp tromping troth truck
    trucker trucking trudy trump trumping trunk trunking trust trusting truth truther tuba tuck
    tucker tucking tuft tufting tugging turban turbot turd turn turner turning tush tusk vamp
    vamping varnish vast vaster veld vend vender vending vent venting verb vern vernon vesper vest
    vesting vetch veto vetoing vicky victim vito viva wack wacker wacky waft wafting wagging waggish
    wald wand wander wank wanking want wanting wanton ward warder warding warn warner warning warp
    warping wash washer washing wasp waspish waster wasting watch watcher watching wavy waxy wedge
    weft weld welder welding weldon wench wend wending went wept west weston wick wicker widgeon
    wigging wild wilder wilmer wimp winch winching wind winding window wink winking winter wish
    wisher wishing wisp wist witch witching with wither womb wonder wont word wording worn worth
    yack yacking yank yanking yard yarn yawn yawning yelp yelping yest yock yoko yonder yuck yucking
    yucky yugo zany zest zibo zither zorn
    flowy hippo hippy pinky dumbo figgy fatso
    """
}
