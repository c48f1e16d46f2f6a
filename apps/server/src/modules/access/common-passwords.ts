/**
 * Words that people build passwords from, most frequent first: the estimator ranks by position. Digits, years,
 * keyboard walks, repeats, leet spelling and reversal are found by rule and need no entry here.
 */
export const commonPasswordWords: readonly string[] =
  `password passwort admin administrator root qwerty welcome letmein dragon monkey master login princess sunshine
  iloveyou football baseball superman batman shadow secret abc123 trustno1 hello freedom whatever starwars michael
  jordan ninja mustang access flower computer internet samsung google charlie jessica hunter killer pepper soccer
  hockey george andrew thomas robert daniel joshua matthew ashley amanda nicole jennifer summer winter spring autumn
  sommer herbst fruehling january february march april june july august september october november december monday
  tuesday wednesday thursday friday saturday sunday test testing tester temp temporary changeme change default guest
  user username demo sample example company office business server service support helpdesk system network security
  secure safe private public database backup manager management enterprise corporate account sysadmin superuser
  orange purple yellow green black white silver golden diamond cookie cheese chocolate banana apple cherry ginger
  coffee pizza tigger buster bailey maggie lucky angel angels heaven jesus christ blessed god love lover loveme
  lovely forever family friend friends mother father brother sister daughter baby babygirl sweet sweety honey bunny
  kitty tiger lion eagle falcon phoenix wolf panther bear dolphin horse rabbit butterfly rainbow star stars moon sun
  sky ocean river mountain forest garden island beach paradise storm thunder lightning fire water earth wind snow ice
  magic wizard merlin gandalf matrix pokemon pikachu naruto minecraft fortnite mario zelda sonic nintendo playstation
  xbox gamer player champion winner victory liverpool chelsea arsenal barcelona madrid juventus bayern dortmund london
  paris berlin madrid moscow newyork america american england english germany german france french canada india china
  japan spain italy poland russia brazil mexico australia europe basketball volleyball cricket tennis rugby racing
  ferrari porsche mercedes toyota honda yamaha harley corvette camaro chevy ford guitar music dance singer rock metal
  metallica slipknot nirvana eminem beatles elvis madonna marina victoria elizabeth samantha stephanie melissa
  michelle christina alexander alexandra benjamin william richard joseph patrick anthony nicholas jonathan christopher
  brandon justin tyler austin dakota scooter maverick cowboy pirate sniper ranger hunter warrior knight soldier police
  doctor teacher student school college university hospital health money dollar million rich cash bitcoin crypto
  energy power control center central global world planet galaxy universe space rocket apollo atlantis titanic
  spiderman ironman avengers hulk thor joker harry potter hogwarts frodo sauron vader yoda skywalker chewbacca
  enter open sesame key keys lock unlock door window house home street city country summer1 qwertz azerty asdf zxcv
  qazwsx qazwsxedc zaqwsxcde zaqxswcde qweasd qweasdzxc qwertyuiop asdfghjkl zxcvbnm abcdef alphabet number numbers digital electronic mobile phone android iphone windows linux ubuntu
  debian redhat oracle mysql postgres cisco juniper microsoft apple amazon facebook twitter instagram youtube yahoo
  hotmail gmail email mail outlook adobe photoshop office365 sharepoint exchange domain controller firewall router
  switch laptop desktop keyboard monitor printer endpoint agent policy encryption protect protection virus antivirus
  correct horse battery staple passphrase pass word code codes cipher token hidden mystery nothing something anything
  everything someone everyone nobody always never again please thanks thank sorry good bad best great super mega ultra
  awesome cool nice happy smile funny crazy sexy hot cold big small little long short fast slow strong hard soft new
  old young first last next one two three four five six seven eight nine ten hundred thousand zero`
    .split(/\s+/)
    .filter((word, index, all) => all.indexOf(word) === index);
