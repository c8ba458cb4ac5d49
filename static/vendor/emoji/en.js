/** Emoji with their names and what else they are found by, from emojibase-data 17.0.0 (MIT, see LICENSE). */

export default `😀|0|grinning face|cheerful cheery happy laugh
😃|0|grinning face with big eyes|awesome happy mouth open
😄|0|grinning face with smiling eyes|happy laugh lol mouth
😁|0|beaming face with smiling eyes|grin grinning happy nice
😆|0|grinning squinting face|closed eyes haha hahaha
😅|0|grinning face with sweat|cold dejected excited mouth
🤣|0|rolling on the floor laughing|crying face funny haha
😂|0|face with tears of joy|crying feels funny haha
🙂|0|slightly smiling face|happy smile
🙃|0|upside-down face|hehe smile
🫠|0|melting face|disappear dissolve embarrassed haha
😉|0|winking face|flirt heartbreaker sexy slide
😊|0|smiling face with smiling eyes|blush glad satisfied smile
😇|0|smiling face with halo|angel angelic angels blessed
🥰|0|smiling face with hearts|3 adore crush ily
😍|0|smiling face with heart-eyes|143 bae feels hearts
🤩|0|star-struck|excited eyes face grinning
😘|0|face blowing a kiss|adorbs bae flirt heart
😗|0|kissing face|143 date dating flirt
☺️|0|smiling face|happy outlined relaxed smile
😚|0|kissing face with closed eyes|143 bae blush date
😙|0|kissing face with smiling eyes|143 closed date dating
🥲|0|smiling face with tear|glad grateful happy joy
😋|0|face savoring food|delicious eat full hungry
😛|0|face with tongue|awesome cool nice party
😜|0|winking face with tongue|crazy epic eye funny
🤪|0|zany face|crazy eye eyes goofy
😝|0|squinting face with tongue|closed eye eyes gross
🤑|0|money-mouth face|paid
🤗|0|smiling face with open hands|hug hugging
🤭|0|face with hand over mouth|giggle giggling oops realization
🫢|0|face with open eyes and hand over mouth|amazement awe disbelief embarrass
🫣|0|face with peeking eye|captivated embarrass hide hiding
🤫|0|shushing face|quiet shh
🤔|0|thinking face|chin consider hmm ponder
🫡|0|saluting face|good luck ma’am ok
🤐|0|zipper-mouth face|keep quiet secret shut
🤨|0|face with raised eyebrow|disapproval disbelief distrust emoji
😐|0|neutral face|awkward blank deadpan expressionless
😑|0|expressionless face|awkward dead fine inexpressive
😶|0|face without mouth|awkward blank expressionless mouthless
🫥|0|dotted line face|depressed disappear hidden hide
😶‍🌫️|0|face in clouds|absentminded fog head
😏|0|smirking face|boss dapper flirt homie
😒|0|unamused face|... bored fine jealous
🙄|0|face with rolling eyes|eyeroll shade ugh whatever
😬|0|grimacing face|awk awkward dentist grimace
😮‍💨|0|face exhaling|blow blowing exhale exhausted
🤥|0|lying face|liar lie pinocchio
🫨|0|shaking face|crazy daze earthquake omg
🙂‍↔️|0|head shaking horizontally|no shake
🙂‍↕️|0|head shaking vertically|nod yes
😌|0|relieved face|calm peace relief zen
😔|0|pensive face|awful bored dejected died
😪|0|sleepy face|crying good night sad
🤤|0|drooling face
😴|0|sleeping face|bed bedtime good goodnight
🫩|0|face with bags under eyes|bored exhausted fatigued late
😷|0|face with medical mask|cold dentist dermatologist doctor
🤒|0|face with thermometer|ill sick
🤕|0|face with head-bandage|hurt injury ouch
🤢|0|nauseated face|gross nasty sick vomit
🤮|0|face vomiting|barf ew gross puke
🤧|0|sneezing face|fever flu gesundheit sick
🥵|0|hot face|dying feverish heat panting
🥶|0|cold face|blue blue-faced freezing frostbite
🥴|0|woozy face|dizzy drunk eyes intoxicated
😵|0|face with crossed-out eyes|dead dizzy feels knocked
😵‍💫|0|face with spiral eyes|confused dizzy hypnotized omg
🤯|0|exploding head|blown explode mind mindblown
🤠|0|cowboy hat face|cowgirl
🥳|0|partying face|bday birthday celebrate celebration
🥸|0|disguised face|eyebrow glasses incognito moustache
😎|0|smiling face with sunglasses|awesome beach bright bro
🤓|0|nerd face|brainy clever expert geek
🧐|0|face with monocle|classy fancy rich stuffy
😕|0|confused face|befuddled confusing dunno frown
🫤|0|face with diagonal mouth|confused confusion disappointed doubt
😟|0|worried face|anxious butterflies nerves nervous
🙁|0|slightly frowning face|sad
☹️|0|frowning face|sad
😮|0|face with open mouth|believe forgot omg shocked
😯|0|hushed face|epic omg stunned surprised
😲|0|astonished face|cost no omg shocked
😳|0|flushed face|amazed awkward crazy dazed
🫪|0|distorted face|anxiety bloated panic shocked
🥺|0|pleading face|begging big eyes mercy
🥹|0|face holding back tears|admiration aww cry embarrassed
😦|0|frowning face with open mouth|caught guard scared scary
😧|0|anguished face|forgot scared scary stressed
😨|0|fearful face|afraid anxious blame scared
😰|0|anxious face with sweat|blue cold eek mouth
😥|0|sad but relieved face|anxious call close complicated
😢|0|crying face|awful feels miss sad
😭|0|loudly crying face|bawling sad sob tear
😱|0|face screaming in fear|epic fearful munch scared
😖|0|confounded face|annoyed confused cringe distraught
😣|0|persevering face|concentrate concentration focus headache
😞|0|disappointed face|awful blame dejected fail
😓|0|downcast face with sweat|close cold feels headache
😩|0|weary face|crying fail feels hungry
😫|0|tired face|cost feels nap sad
🥱|0|yawning face|bedtime bored goodnight nap
😤|0|face with steam from nose|anger angry feels fume
😡|0|enraged face|anger angry feels mad
😠|0|angry face|anger blame feels frustrated
🤬|0|face with symbols on mouth|censor cursing cussing mad
😈|0|smiling face with horns|demon devil evil fairy
👿|0|angry face with horns|demon devil evil fairy
💀|0|skull|body dead death face
☠️|0|skull and crossbones|dead death face monster
💩|0|pile of poo|bs comic doo dung
🤡|0|clown face
👹|0|ogre|creature devil face fairy
👺|0|goblin|angry creature face fairy
👻|0|ghost|boo creature excited face
👽|0|alien|creature extraterrestrial face fairy
👾|0|alien monster|creature extraterrestrial face fairy
🤖|0|robot|face monster
😺|0|grinning cat|animal face mouth open
😸|0|grinning cat with smiling eyes|animal face smile
😹|0|cat with tears of joy|animal face laugh laughing
😻|0|smiling cat with heart-eyes|animal face love smile
😼|0|cat with wry smile|animal face ironic
😽|0|kissing cat|animal closed eye eyes
🙀|0|weary cat|animal face oh surprised
😿|0|crying cat|animal face sad tear
😾|0|pouting cat|animal face
🙈|0|see-no-evil monkey|embarrassed face forbidden forgot
🙉|0|hear-no-evil monkey|animal ears face forbidden
🙊|0|speak-no-evil monkey|animal face forbidden gesture
💌|0|love letter|heart mail romance valentine
💘|0|heart with arrow|143 adorbs cupid date
💝|0|heart with ribbon|143 anniversary emotion ily
💖|0|sparkling heart|143 emotion excited good
💗|0|growing heart|143 emotion excited heartpulse
💓|0|beating heart|143 cardio emotion heartbeat
💞|0|revolving hearts|143 adorbs anniversary emotion
💕|0|two hearts|143 anniversary date dating
💟|0|heart decoration|143 emotion hearth purple
❣️|0|heart exclamation|heavy mark punctuation
💔|0|broken heart|break crushed emotion heartbroken
❤️‍🔥|0|heart on fire|burn love lust sacred
❤️‍🩹|0|mending heart|healthier improving recovering recuperating
❤️|0|red heart|emotion love
🩷|0|pink heart|143 adorable cute emotion
🧡|0|orange heart|143
💛|0|yellow heart|143 cardiac emotion ily
💚|0|green heart|143 emotion ily love
💙|0|blue heart|143 emotion ily love
🩵|0|light blue heart|143 cute cyan emotion
💜|0|purple heart|143 bestest emotion ily
🤎|0|brown heart|143
🖤|0|black heart|evil wicked
🩶|0|grey heart|143 emotion gray ily
🤍|0|white heart|143
💋|0|kiss mark|dating emotion heart kissing
💯|0|hundred points|100 a+ agree clearly
💢|0|anger symbol|angry comic mad upset
🫯|0|fight cloud|argument brawl debate disagreement
💥|0|collision|bomb boom collide comic
💫|0|dizzy|comic shining shooting star
💦|0|sweat droplets|comic drip drops splashing
💨|0|dashing away|cloud comic fart fast
🕳️|0|hole
💬|0|speech balloon|bubble comic dialog message
👁️‍🗨️|0|eye in speech bubble|balloon witness
🗨️|0|left speech bubble|balloon dialog
🗯️|0|right anger bubble|angry balloon mad
💭|0|thought balloon|bubble cartoon cloud comic
💤|0|ZZZ|comic good goodnight night
👋|1|waving hand|bye cya g2g greetings
🤚|1|raised back of hand|backhand
🖐️|1|hand with fingers splayed|raised stop
✋|1|raised hand|5 five high stop
🖖|1|vulcan salute|finger hand hands
🫱|1|rightwards hand|handshake hold reach shake
🫲|1|leftwards hand|handshake hold reach shake
🫳|1|palm down hand|dismiss drop dropped pick
🫴|1|palm up hand|beckon catch come hold
🫷|1|leftwards pushing hand|block five halt high
🫸|1|rightwards pushing hand|block five halt high
👌|1|OK hand|awesome bet dope fleek
🤌|1|pinched fingers|gesture hand hold huh
🤏|1|pinching hand|amount bit fingers little
✌️|1|victory hand|peace
🤞|1|crossed fingers|hand luck
🫰|1|hand with index finger and thumb crossed|<3 expensive heart love
🤟|1|love-you gesture|fingers hand ily three
🤘|1|sign of the horns|finger hand rock-on
🤙|1|call me hand|hang loose shaka
👈|1|backhand index pointing left|finger
👉|1|backhand index pointing right|finger
👆|1|backhand index pointing up|finger
🖕|1|middle finger|hand
👇|1|backhand index pointing down|finger
☝️|1|index pointing up|finger hand this
🫵|1|index pointing at the viewer|finger hand poke you
👍|1|thumbs up|+1 good hand like
👎|1|thumbs down|-1 bad dislike good
✊|1|raised fist|clenched hand punch solidarity
👊|1|oncoming fist|absolutely agree boom bro
🤛|1|left-facing fist|leftwards
🤜|1|right-facing fist|rightwards
👏|1|clapping hands|applause approval awesome congrats
🙌|1|raising hands|celebration gesture hooray praise
🫶|1|heart hands|<3 love you
👐|1|open hands|hug jazz swerve
🤲|1|palms up together|cupped dua hands pray
🤝|1|handshake|agreement deal meeting
🙏|1|folded hands|appreciate ask beg blessed
✍️|1|writing hand|write
💅|1|nail polish|bored care cosmetics done
🤳|1|selfie|camera phone
💪|1|flexed biceps|arm beast bench bodybuilder
🦾|1|mechanical arm|accessibility prosthetic
🦿|1|mechanical leg|accessibility prosthetic
🦵|1|leg|bent foot kick knee
🦶|1|foot|ankle feet kick stomp
👂|1|ear|body ears hear hearing
🦻|1|ear with hearing aid|accessibility hard
👃|1|nose|body noses nosey odor
🧠|1|brain|intelligent smart
🫀|1|anatomical heart|beat cardiology heartbeat organ
🫁|1|lungs|breath breathe exhalation inhalation
🦷|1|tooth|dentist pearly teeth white
🦴|1|bone|bones dog skeleton wishbone
👀|1|eyes|body face googly look
👁️|1|eye|1 body one
👅|1|tongue|body lick slurp
👄|1|mouth|beauty body kiss kissing
🫦|1|biting lip|anxious bite fear flirt
👶|1|baby|babies children goo infant
🧒|1|child|bright-eyed grandchild kid young
👦|1|boy|bright-eyed child grandson kid
👧|1|girl|bright-eyed child daughter granddaughter
🧑|1|person|adult
👱|1|person: blond hair|blond-haired human
👨|1|man|adult bro
🧔|1|person: beard|bearded whiskers
🧔‍♂️|1|man: beard|bearded whiskers
🧔‍♀️|1|woman: beard|bearded whiskers
👨‍🦰|1|man: red hair|adult bro
👨‍🦱|1|man: curly hair|adult bro
👨‍🦳|1|man: white hair|adult bro
👨‍🦲|1|man: bald|adult bro
👩|1|woman|adult lady
👩‍🦰|1|woman: red hair|adult lady
🧑‍🦰|1|person: red hair|adult
👩‍🦱|1|woman: curly hair|adult lady
🧑‍🦱|1|person: curly hair|adult
👩‍🦳|1|woman: white hair|adult lady
🧑‍🦳|1|person: white hair|adult
👩‍🦲|1|woman: bald|adult lady
🧑‍🦲|1|person: bald|adult
👱‍♀️|1|woman: blond hair|blond-haired blonde
👱‍♂️|1|man: blond hair|blond-haired
🧓|1|older person|adult elderly grandparent wise
👴|1|old man|adult bald elderly gramps
👵|1|old woman|adult elderly grandma grandmother
🙍|1|person frowning|annoyed disappointed disgruntled disturbed
🙍‍♂️|1|man frowning|annoyed disappointed disgruntled disturbed
🙍‍♀️|1|woman frowning|annoyed disappointed disgruntled disturbed
🙎|1|person pouting|disappointed downtrodden frown grimace
🙎‍♂️|1|man pouting|disappointed downtrodden frown grimace
🙎‍♀️|1|woman pouting|disappointed downtrodden frown grimace
🙅|1|person gesturing NO|forbidden gesture hand not
🙅‍♂️|1|man gesturing NO|forbidden gesture hand not
🙅‍♀️|1|woman gesturing NO|forbidden gesture hand not
🙆|1|person gesturing OK|exercise gesture hand omg
🙆‍♂️|1|man gesturing OK|exercise gesture hand omg
🙆‍♀️|1|woman gesturing OK|exercise gesture hand omg
💁|1|person tipping hand|fetch flick flip gossip
💁‍♂️|1|man tipping hand|fetch flick flip gossip
💁‍♀️|1|woman tipping hand|fetch flick flip gossip
🙋|1|person raising hand|gesture here know me
🙋‍♂️|1|man raising hand|gesture here know me
🙋‍♀️|1|woman raising hand|gesture here know me
🧏|1|deaf person|accessibility ear gesture hear
🧏‍♂️|1|deaf man|accessibility ear gesture hear
🧏‍♀️|1|deaf woman|accessibility ear gesture hear
🙇|1|person bowing|apology ask beg favor
🙇‍♂️|1|man bowing|apology ask beg favor
🙇‍♀️|1|woman bowing|apology ask beg favor
🤦|1|person facepalming|again bewilder disbelief exasperation
🤦‍♂️|1|man facepalming|again bewilder disbelief exasperation
🤦‍♀️|1|woman facepalming|again bewilder disbelief exasperation
🤷|1|person shrugging|doubt dunno guess idk
🤷‍♂️|1|man shrugging|doubt dunno guess idk
🤷‍♀️|1|woman shrugging|doubt dunno guess idk
🧑‍⚕️|1|health worker|doctor healthcare nurse therapist
👨‍⚕️|1|man health worker|doctor healthcare nurse therapist
👩‍⚕️|1|woman health worker|doctor healthcare nurse therapist
🧑‍🎓|1|student|graduate
👨‍🎓|1|man student|graduate
👩‍🎓|1|woman student|graduate
🧑‍🏫|1|teacher|instructor lecturer professor
👨‍🏫|1|man teacher|instructor lecturer professor
👩‍🏫|1|woman teacher|instructor lecturer professor
🧑‍⚖️|1|judge|justice law scales
👨‍⚖️|1|man judge|justice law scales
👩‍⚖️|1|woman judge|justice law scales
🧑‍🌾|1|farmer|gardener rancher
👨‍🌾|1|man farmer|gardener rancher
👩‍🌾|1|woman farmer|gardener rancher
🧑‍🍳|1|cook|chef
👨‍🍳|1|man cook|chef
👩‍🍳|1|woman cook|chef
🧑‍🔧|1|mechanic|electrician plumber tradesperson
👨‍🔧|1|man mechanic|electrician plumber tradesperson
👩‍🔧|1|woman mechanic|electrician plumber tradesperson
🧑‍🏭|1|factory worker|assembly industrial
👨‍🏭|1|man factory worker|assembly industrial
👩‍🏭|1|woman factory worker|assembly industrial
🧑‍💼|1|office worker|architect business manager white-collar
👨‍💼|1|man office worker|architect business manager white-collar
👩‍💼|1|woman office worker|architect business manager white-collar
🧑‍🔬|1|scientist|biologist chemist engineer mathematician
👨‍🔬|1|man scientist|biologist chemist engineer mathematician
👩‍🔬|1|woman scientist|biologist chemist engineer mathematician
🧑‍💻|1|technologist|coder computer developer inventor
👨‍💻|1|man technologist|coder computer developer inventor
👩‍💻|1|woman technologist|coder computer developer inventor
🧑‍🎤|1|singer|actor entertainer rock rockstar
👨‍🎤|1|man singer|actor entertainer rock rockstar
👩‍🎤|1|woman singer|actor entertainer rock rockstar
🧑‍🎨|1|artist|palette
👨‍🎨|1|man artist|palette
👩‍🎨|1|woman artist|palette
🧑‍✈️|1|pilot|plane
👨‍✈️|1|man pilot|plane
👩‍✈️|1|woman pilot|plane
🧑‍🚀|1|astronaut|rocket space
👨‍🚀|1|man astronaut|rocket space
👩‍🚀|1|woman astronaut|rocket space
🧑‍🚒|1|firefighter|firetruck
👨‍🚒|1|man firefighter|firetruck
👩‍🚒|1|woman firefighter|firetruck
👮|1|police officer|apprehend arrest citation cop
👮‍♂️|1|man police officer|apprehend arrest citation cop
👮‍♀️|1|woman police officer|apprehend arrest citation cop
🕵️|1|detective|sleuth spy
🕵️‍♂️|1|man detective|sleuth spy
🕵️‍♀️|1|woman detective|sleuth spy
💂|1|guard|buckingham helmet london palace
💂‍♂️|1|man guard|buckingham helmet london palace
💂‍♀️|1|woman guard|buckingham helmet london palace
🥷|1|ninja|assassin fight fighter hidden
👷|1|construction worker|build fix hardhat hat
👷‍♂️|1|man construction worker|build fix hardhat hat
👷‍♀️|1|woman construction worker|build fix hardhat hat
🫅|1|person with crown|monarch noble regal royal
🤴|1|prince|crown fairy fairytale fantasy
👸|1|princess|crown fairy fairytale fantasy
👳|1|person wearing turban
👳‍♂️|1|man wearing turban
👳‍♀️|1|woman wearing turban
👲|1|person with skullcap|chinese gua guapi hat
🧕|1|woman with headscarf|bandana hijab kerchief mantilla
🤵|1|person in tuxedo|formal wedding
🤵‍♂️|1|man in tuxedo|formal groom wedding
🤵‍♀️|1|woman in tuxedo|formal wedding
👰|1|person with veil|wedding
👰‍♂️|1|man with veil|wedding
👰‍♀️|1|woman with veil|bride wedding
🤰|1|pregnant woman
🫃|1|pregnant man|belly bloated full overeat
🫄|1|pregnant person|belly bloated full overeat
🤱|1|breast-feeding|baby mom mother nursing
👩‍🍼|1|woman feeding baby|mom mother nanny newborn
👨‍🍼|1|man feeding baby|dad father nanny newborn
🧑‍🍼|1|person feeding baby|nanny newborn nursing parent
👼|1|baby angel|church face fairy fairytale
🎅|1|Santa Claus|celebration christmas fairy fantasy
🤶|1|Mrs. Claus|celebration christmas fairy fantasy
🧑‍🎄|1|Mx Claus|celebration christmas fairy fantasy
🦸|1|superhero|good superpower
🦸‍♂️|1|man superhero|good superpower
🦸‍♀️|1|woman superhero|good heroine superpower
🦹|1|supervillain|bad criminal evil superpower
🦹‍♂️|1|man supervillain|bad criminal evil superpower
🦹‍♀️|1|woman supervillain|bad criminal evil superpower
🧙|1|mage|fantasy magic play sorcerer
🧙‍♂️|1|man mage|fantasy magic play sorcerer
🧙‍♀️|1|woman mage|fantasy magic play sorcerer
🧚|1|fairy|fairytale fantasy myth person
🧚‍♂️|1|man fairy|fairytale fantasy myth oberon
🧚‍♀️|1|woman fairy|fairytale fantasy myth person
🧛|1|vampire|blood dracula fangs halloween
🧛‍♂️|1|man vampire|blood fangs halloween scary
🧛‍♀️|1|woman vampire|blood fangs halloween scary
🧜|1|merperson|creature fairytale folklore ocean
🧜‍♂️|1|merman|creature fairytale folklore neptune
🧜‍♀️|1|mermaid|creature fairytale folklore merwoman
🧝|1|elf|elves enchantment fantasy folklore
🧝‍♂️|1|man elf|elves enchantment fantasy folklore
🧝‍♀️|1|woman elf|elves enchantment fantasy folklore
🧞|1|genie|djinn fantasy jinn lamp
🧞‍♂️|1|man genie|djinn fantasy jinn lamp
🧞‍♀️|1|woman genie|djinn fantasy jinn lamp
🧟|1|zombie|apocalypse dead halloween horror
🧟‍♂️|1|man zombie|apocalypse dead halloween horror
🧟‍♀️|1|woman zombie|apocalypse dead halloween horror
🧌|1|troll|fairy fantasy monster tale
🫈|1|hairy creature|bigfoot cryptid forest giant
💆|1|person getting massage|face headache relax relaxing
💆‍♂️|1|man getting massage|face headache relax relaxing
💆‍♀️|1|woman getting massage|face headache relax relaxing
💇|1|person getting haircut|barber beauty chop cosmetology
💇‍♂️|1|man getting haircut|barber beauty chop cosmetology
💇‍♀️|1|woman getting haircut|barber beauty chop cosmetology
🚶|1|person walking|amble gait hike man
🚶‍♂️|1|man walking|amble gait hike pace
🚶‍♀️|1|woman walking|amble gait hike pace
🚶‍➡️|1|person walking: facing right|amble gait hike man
🚶‍♀️‍➡️|1|woman walking: facing right|amble gait hike pace
🚶‍♂️‍➡️|1|man walking: facing right|amble gait hike pace
🧍|1|person standing
🧍‍♂️|1|man standing
🧍‍♀️|1|woman standing
🧎|1|person kneeling|knees
🧎‍♂️|1|man kneeling|knees
🧎‍♀️|1|woman kneeling|knees
🧎‍➡️|1|person kneeling: facing right|knees
🧎‍♀️‍➡️|1|woman kneeling: facing right|knees
🧎‍♂️‍➡️|1|man kneeling: facing right|knees
🧑‍🦯|1|person with white cane|accessibility blind probing
🧑‍🦯‍➡️|1|person with white cane: facing right|accessibility blind probing
👨‍🦯|1|man with white cane|accessibility blind probing
👨‍🦯‍➡️|1|man with white cane: facing right|accessibility blind probing
👩‍🦯|1|woman with white cane|accessibility blind probing
👩‍🦯‍➡️|1|woman with white cane: facing right|accessibility blind probing
🧑‍🦼|1|person in motorized wheelchair|accessibility
🧑‍🦼‍➡️|1|person in motorized wheelchair: facing right|accessibility
👨‍🦼|1|man in motorized wheelchair|accessibility
👨‍🦼‍➡️|1|man in motorized wheelchair: facing right|accessibility
👩‍🦼|1|woman in motorized wheelchair|accessibility
👩‍🦼‍➡️|1|woman in motorized wheelchair: facing right|accessibility
🧑‍🦽|1|person in manual wheelchair|accessibility
🧑‍🦽‍➡️|1|person in manual wheelchair: facing right|accessibility
👨‍🦽|1|man in manual wheelchair|accessibility
👨‍🦽‍➡️|1|man in manual wheelchair: facing right|accessibility
👩‍🦽|1|woman in manual wheelchair|accessibility
👩‍🦽‍➡️|1|woman in manual wheelchair: facing right|accessibility
🏃|1|person running|fast hurry marathon move
🏃‍♂️|1|man running|fast hurry marathon move
🏃‍♀️|1|woman running|fast hurry marathon move
🏃‍➡️|1|person running: facing right|fast hurry marathon move
🏃‍♀️‍➡️|1|woman running: facing right|fast hurry marathon move
🏃‍♂️‍➡️|1|man running: facing right|fast hurry marathon move
🧑‍🩰|1|ballet dancer
💃|1|woman dancing|dance dancer elegant festive
🕺|1|man dancing|dance dancer elegant festive
🕴️|1|person in suit levitating|business
👯|1|people with bunny ears|bestie bff counterpart dancer
👯‍♂️|1|men with bunny ears|bestie bff counterpart dancer
👯‍♀️|1|women with bunny ears|bestie bff counterpart dancer
🧖|1|person in steamy room|day luxurious pamper relax
🧖‍♂️|1|man in steamy room|day luxurious pamper relax
🧖‍♀️|1|woman in steamy room|day luxurious pamper relax
🧗|1|person climbing|climber mountain rock scale
🧗‍♂️|1|man climbing|climber mountain rock scale
🧗‍♀️|1|woman climbing|climber mountain rock scale
🤺|1|person fencing|fencer sword
🏇|1|horse racing|jockey racehorse riding sport
⛷️|1|skier|snow
🏂|1|snowboarder|ski sport
🏌️|1|person golfing|ball birdie caddy driving
🏌️‍♂️|1|man golfing|ball birdie caddy driving
🏌️‍♀️|1|woman golfing|ball birdie caddy driving
🏄|1|person surfing|beach ocean sport surfer
🏄‍♂️|1|man surfing|beach ocean sport surfer
🏄‍♀️|1|woman surfing|beach ocean person sport
🚣|1|person rowing boat|canoe cruise fishing lake
🚣‍♂️|1|man rowing boat|canoe cruise fishing lake
🚣‍♀️|1|woman rowing boat|canoe cruise fishing lake
🏊|1|person swimming|freestyle sport swimmer triathlon
🏊‍♂️|1|man swimming|freestyle sport swimmer triathlon
🏊‍♀️|1|woman swimming|freestyle sport swimmer triathlon
⛹️|1|person bouncing ball|athletic basketball championship dribble
⛹️‍♂️|1|man bouncing ball|athletic basketball championship dribble
⛹️‍♀️|1|woman bouncing ball|athletic basketball championship dribble
🏋️|1|person lifting weights|barbell bodybuilder deadlift lifter
🏋️‍♂️|1|man lifting weights|barbell bodybuilder deadlift lifter
🏋️‍♀️|1|woman lifting weights|barbell bodybuilder deadlift lifter
🚴|1|person biking|bicycle bicyclist bike cycle
🚴‍♂️|1|man biking|bicycle bicyclist bike cycle
🚴‍♀️|1|woman biking|bicycle bicyclist bike cycle
🚵|1|person mountain biking|bicycle bicyclist bike cycle
🚵‍♂️|1|man mountain biking|bicycle bicyclist bike cycle
🚵‍♀️|1|woman mountain biking|bicycle bicyclist bike cycle
🤸|1|person cartwheeling|active excited flip gymnastics
🤸‍♂️|1|man cartwheeling|active excited flip gymnastics
🤸‍♀️|1|woman cartwheeling|active excited flip gymnastics
🤼|1|people wrestling|combat duel grapple ring
🤼‍♂️|1|men wrestling|combat duel grapple ring
🤼‍♀️|1|women wrestling|combat duel grapple ring
🤽|1|person playing water polo|sport swimming waterpolo
🤽‍♂️|1|man playing water polo|sport swimming waterpolo
🤽‍♀️|1|woman playing water polo|sport swimming waterpolo
🤾|1|person playing handball|athletics catch chuck hurl
🤾‍♂️|1|man playing handball|athletics catch chuck hurl
🤾‍♀️|1|woman playing handball|athletics catch chuck hurl
🤹|1|person juggling|act balance balancing handle
🤹‍♂️|1|man juggling|act balance balancing handle
🤹‍♀️|1|woman juggling|act balance balancing handle
🧘|1|person in lotus position|cross legged legs meditation
🧘‍♂️|1|man in lotus position|cross legged legs meditation
🧘‍♀️|1|woman in lotus position|cross legged legs meditation
🛀|1|person taking bath|bathtub tub
🛌|1|person in bed|bedtime good goodnight hotel
🧑‍🤝‍🧑|1|people holding hands|bae bestie bff couple
👭|1|women holding hands|bae bestie bff couple
👫|1|woman and man holding hands|bae bestie bff couple
👬|1|men holding hands|bae bestie bff boys
💏|1|kiss|anniversary babe bae couple
👩‍❤️‍💋‍👨|1|kiss: woman, man|anniversary babe bae couple
👨‍❤️‍💋‍👨|1|kiss: man, man|anniversary babe bae couple
👩‍❤️‍💋‍👩|1|kiss: woman, woman|anniversary babe bae couple
💑|1|couple with heart|anniversary babe bae dating
👩‍❤️‍👨|1|couple with heart: woman, man|anniversary babe bae dating
👨‍❤️‍👨|1|couple with heart: man, man|anniversary babe bae dating
👩‍❤️‍👩|1|couple with heart: woman, woman|anniversary babe bae dating
👨‍👩‍👦|1|family: man, woman, boy|child
👨‍👩‍👧|1|family: man, woman, girl|child
👨‍👩‍👧‍👦|1|family: man, woman, girl, boy|child
👨‍👩‍👦‍👦|1|family: man, woman, boy, boy|child
👨‍👩‍👧‍👧|1|family: man, woman, girl, girl|child
👨‍👨‍👦|1|family: man, man, boy|child
👨‍👨‍👧|1|family: man, man, girl|child
👨‍👨‍👧‍👦|1|family: man, man, girl, boy|child
👨‍👨‍👦‍👦|1|family: man, man, boy, boy|child
👨‍👨‍👧‍👧|1|family: man, man, girl, girl|child
👩‍👩‍👦|1|family: woman, woman, boy|child
👩‍👩‍👧|1|family: woman, woman, girl|child
👩‍👩‍👧‍👦|1|family: woman, woman, girl, boy|child
👩‍👩‍👦‍👦|1|family: woman, woman, boy, boy|child
👩‍👩‍👧‍👧|1|family: woman, woman, girl, girl|child
👨‍👦|1|family: man, boy|child
👨‍👦‍👦|1|family: man, boy, boy|child
👨‍👧|1|family: man, girl|child
👨‍👧‍👦|1|family: man, girl, boy|child
👨‍👧‍👧|1|family: man, girl, girl|child
👩‍👦|1|family: woman, boy|child
👩‍👦‍👦|1|family: woman, boy, boy|child
👩‍👧|1|family: woman, girl|child
👩‍👧‍👦|1|family: woman, girl, boy|child
👩‍👧‍👧|1|family: woman, girl, girl|child
🗣️|1|speaking head|face silhouette
👤|1|bust in silhouette|mysterious shadow
👥|1|busts in silhouette|bff everyone friend friends
🫂|1|people hugging|comfort embrace farewell friendship
👪|1|family|child
🧑‍🧑‍🧒|1|family: adult, adult, child
🧑‍🧑‍🧒‍🧒|1|family: adult, adult, child, child
🧑‍🧒|1|family: adult, child
🧑‍🧒‍🧒|1|family: adult, child, child
👣|1|footprints|barefoot clothing omw walk
🫆|1|fingerprint|clue crime detective forensics
🐵|3|monkey face|animal banana
🐒|3|monkey|animal banana
🦍|3|gorilla|animal
🦧|3|orangutan|animal ape monkey
🐶|3|dog face|adorbs animal pet puppies
🐕|3|dog|animal animals dogs pet
🦮|3|guide dog|accessibility animal blind
🐕‍🦺|3|service dog|accessibility animal assistance
🐩|3|poodle|animal dog fluffy
🐺|3|wolf|animal face
🦊|3|fox|animal face
🦝|3|raccoon|animal curious sly
🐱|3|cat face|animal kitten kitty pet
🐈|3|cat|animal animals cats kitten
🐈‍⬛|3|black cat|animal feline halloween meow
🦁|3|lion|alpha animal face leo
🐯|3|tiger face|animal big cat predator
🐅|3|tiger|animal big cat predator
🐆|3|leopard|animal big cat predator
🐴|3|horse face|animal dressage equine farm
🫎|3|moose|alces animal antlers elk
🫏|3|donkey|animal ass burro hinny
🐎|3|horse|animal equestrian farm racehorse
🦄|3|unicorn|face
🦓|3|zebra|animal stripe
🦌|3|deer|animal
🦬|3|bison|animal buffalo herd wisent
🐮|3|cow face|animal farm milk moo
🐂|3|ox|animal animals bull farm
🐃|3|water buffalo|animal zoo
🐄|3|cow|animal animals farm milk
🐷|3|pig face|animal bacon farm pork
🐖|3|pig|animal bacon farm pork
🐗|3|boar|animal pig
🐽|3|pig nose|animal face farm smell
🐏|3|ram|animal aries horns male
🐑|3|ewe|animal baa farm female
🐐|3|goat|animal capricorn farm milk
🐪|3|camel|animal desert dromedary hump
🐫|3|two-hump camel|animal bactrian desert
🦙|3|llama|alpaca animal guanaco vicuña
🦒|3|giraffe|animal spots
🐘|3|elephant|animal
🦣|3|mammoth|animal extinction large tusk
🦏|3|rhinoceros|animal
🦛|3|hippopotamus|animal
🐭|3|mouse face|animal
🐁|3|mouse|animal animals
🐀|3|rat|animal
🐹|3|hamster|animal face pet
🐰|3|rabbit face|animal bunny pet
🐇|3|rabbit|animal bunny pet
🐿️|3|chipmunk|animal squirrel
🦫|3|beaver|animal dam teeth
🦔|3|hedgehog|animal spiny
🦇|3|bat|animal vampire
🐻|3|bear|animal face grizzly growl
🐻‍❄️|3|polar bear|animal arctic white
🐨|3|koala|animal australia bear down
🐼|3|panda|animal bamboo face
🦥|3|sloth|lazy slow
🦦|3|otter|animal fishing playful
🦨|3|skunk|animal stink
🦘|3|kangaroo|animal joey jump marsupial
🦡|3|badger|animal honey pester
🐾|3|paw prints|feet paws
🦃|3|turkey|bird gobble thanksgiving
🐔|3|chicken|animal bird ornithology
🐓|3|rooster|animal bird ornithology
🐣|3|hatching chick|animal baby bird egg
🐤|3|baby chick|animal bird ornithology
🐥|3|front-facing baby chick|animal bird newborn ornithology
🐦|3|bird|animal ornithology
🐧|3|penguin|animal antarctica bird ornithology
🕊️|3|dove|bird fly ornithology peace
🦅|3|eagle|animal bird ornithology
🦆|3|duck|animal bird ornithology
🦢|3|swan|animal bird cygnet duckling
🦉|3|owl|animal bird ornithology wise
🦤|3|dodo|animal bird extinction large
🪶|3|feather|bird flight light plumage
🦩|3|flamingo|animal bird flamboyant ornithology
🦚|3|peacock|animal bird colorful ornithology
🦜|3|parrot|animal bird ornithology pirate
🪽|3|wing|angelic ascend aviation bird
🐦‍⬛|3|black bird|animal beak caw corvid
🪿|3|goose|animal bird duck flock
🐦‍🔥|3|phoenix|ascend ascension emerge fantasy
🐸|3|frog|animal face
🐊|3|crocodile|animal zoo
🐢|3|turtle|animal terrapin tortoise
🦎|3|lizard|animal reptile
🐍|3|snake|animal bearer ophiuchus serpent
🐲|3|dragon face|animal fairy fairytale tale
🐉|3|dragon|animal fairy fairytale knights
🦕|3|sauropod|brachiosaurus brontosaurus dinosaur diplodocus
🦖|3|T-Rex|dinosaur tyrannosaurus
🐳|3|spouting whale|animal beach face ocean
🐋|3|whale|animal beach ocean
🐬|3|dolphin|animal beach flipper ocean
🫍|3|orca|marine ocean whale
🦭|3|seal|animal lion ocean
🐟|3|fish|animal dinner fishes fishing
🐠|3|tropical fish|animal fishes
🐡|3|blowfish|animal
🦈|3|shark|animal fish
🐙|3|octopus|animal creature ocean
🐚|3|spiral shell|animal beach conch sea
🪸|3|coral|change climate ocean reef
🪼|3|jellyfish|animal aquarium burn invertebrate
🦀|3|crab|cancer zodiac
🦞|3|lobster|animal bisque claws seafood
🦐|3|shrimp|food shellfish small
🦑|3|squid|animal food mollusk
🦪|3|oyster|diving pearl
🐌|3|snail|animal escargot garden nature
🦋|3|butterfly|insect pretty
🐛|3|bug|animal garden insect
🐜|3|ant|animal garden insect
🐝|3|honeybee|animal bumblebee insect nature
🪲|3|beetle|animal bug insect
🐞|3|lady beetle|animal garden insect ladybird
🦗|3|cricket|animal bug grasshopper insect
🪳|3|cockroach|animal insect pest
🕷️|3|spider|animal insect
🕸️|3|spider web
🦂|3|scorpion|scorpius zodiac
🦟|3|mosquito|bite disease fever insect
🪰|3|fly|animal disease insect maggot
🪱|3|worm|animal annelid earthworm parasite
🦠|3|microbe|amoeba bacteria science virus
💐|3|bouquet|anniversary birthday date flower
🌸|3|cherry blossom|flower plant spring springtime
💮|3|white flower
🪷|3|lotus|beauty buddhism calm flower
🏵️|3|rosette|plant
🌹|3|rose|beauty elegant flower love
🥀|3|wilted flower|dying
🌺|3|hibiscus|flower plant
🌻|3|sunflower|outdoors plant
🌼|3|blossom|buttercup dandelion flower plant
🌷|3|tulip|blossom flower growth plant
🪻|3|hyacinth|bloom bluebonnet flower indigo
🌱|3|seedling|plant sapling sprout young
🪴|3|potted plant|decor grow house nurturing
🌲|3|evergreen tree|christmas forest pine
🌳|3|deciduous tree|forest green habitat shedding
🌴|3|palm tree|beach plant tropical
🌵|3|cactus|desert drought nature plant
🌾|3|sheaf of rice|ear grain grains plant
🌿|3|herb|leaf plant
☘️|3|shamrock|irish plant
🍀|3|four leaf clover|4 four-leaf irish lucky
🍁|3|maple leaf|falling
🍂|3|fallen leaf|autumn falling
🍃|3|leaf fluttering in wind|blow
🪹|3|empty nest|branch home nesting
🪺|3|nest with eggs|bird branch nesting
🍄|3|mushroom|fungus toadstool
🪾|3|leafless tree|bare barren branches dead
🍇|4|grapes|dionysus fruit
🍈|4|melon|cantaloupe fruit
🍉|4|watermelon|fruit
🍊|4|tangerine|c citrus fruit nectarine
🍋|4|lemon|citrus fruit sour
🍋‍🟩|4|lime|acidity citrus cocktail fruit
🍌|4|banana|fruit potassium
🍍|4|pineapple|colada fruit pina tropical
🥭|4|mango|food fruit tropical
🍎|4|red apple|diet food fruit health
🍏|4|green apple|fruit
🍐|4|pear|fruit
🍑|4|peach|fruit
🍒|4|cherries|berries cherry fruit red
🍓|4|strawberry|fruit
🫐|4|blueberries|berry bilberry blueberry food
🥝|4|kiwi fruit|food
🍅|4|tomato|food fruit vegetable
🫒|4|olive|food
🥥|4|coconut|colada palm piña
🥑|4|avocado|food fruit
🍆|4|eggplant|aubergine vegetable
🥔|4|potato|food vegetable
🥕|4|carrot|food vegetable
🌽|4|ear of corn|crops farm maize maze
🌶️|4|hot pepper
🫑|4|bell pepper|capsicum food vegetable
🥒|4|cucumber|food pickle vegetable
🥬|4|leafy green|bok burgers cabbage choy
🥦|4|broccoli|cabbage wild
🧄|4|garlic|flavoring
🧅|4|onion|flavoring
🥜|4|peanuts|food vegetable
🫘|4|beans|food kidney legume small
🌰|4|chestnut|almond plant
🫚|4|ginger root|beer health herb natural
🫛|4|pea pod|beans beanstalk edamame legume
🍄‍🟫|4|brown mushroom|food fungi fungus nature
🫜|4|root vegetable|beet food garden radish
🍞|4|bread|carbs food grain loaf
🥐|4|croissant|bread breakfast crescent food
🥖|4|baguette bread|food french
🫓|4|flatbread|arepa food gordita lavash
🥨|4|pretzel|convoluted twisted
🥯|4|bagel|bakery bread breakfast schmear
🥞|4|pancakes|breakfast crêpe food hotcake
🧇|4|waffle|breakfast indecisive iron
🧀|4|cheese wedge
🍖|4|meat on bone
🍗|4|poultry leg|bone chicken drumstick hungry
🥩|4|cut of meat|chop lambchop porkchop red
🥓|4|bacon|breakfast food meat
🍔|4|hamburger|eat fast food hungry
🍟|4|french fries|fast food
🍕|4|pizza|cheese food hungry pepperoni
🌭|4|hot dog|frankfurter hotdog sausage
🥪|4|sandwich|bread
🌮|4|taco|mexican
🌯|4|burrito|mexican wrap
🫔|4|tamale|food mexican pamonha wrapped
🥙|4|stuffed flatbread|falafel food gyro kebab
🧆|4|falafel|chickpea meatball
🥚|4|egg|breakfast food
🍳|4|cooking|breakfast easy egg fry
🥘|4|shallow pan of food|casserole paella
🍲|4|pot of food|soup stew
🫕|4|fondue|cheese chocolate food melted
🥣|4|bowl with spoon|breakfast cereal congee oatmeal
🥗|4|green salad|food
🍿|4|popcorn|movie
🧈|4|butter|dairy
🧂|4|salt|condiment flavor mad salty
🥫|4|canned food
🍱|4|bento box|food
🍘|4|rice cracker|food
🍙|4|rice ball|food japanese
🍚|4|cooked rice|food
🍛|4|curry rice|food
🍜|4|steaming bowl|chopsticks food noodle pho
🍝|4|spaghetti|food meatballs pasta restaurant
🍠|4|roasted sweet potato|food
🍢|4|oden|food kebab restaurant seafood
🍣|4|sushi|food
🍤|4|fried shrimp|prawn tempura
🍥|4|fish cake with swirl|food pastry restaurant
🥮|4|moon cake|autumn festival yuèbǐng
🍡|4|dango|dessert japanese skewer stick
🥟|4|dumpling|empanada gyōza jiaozi pierogi
🥠|4|fortune cookie|prophecy
🥡|4|takeout box|chopsticks delivery food oyster
🍦|4|soft ice cream|dessert food icecream restaurant
🍧|4|shaved ice|dessert restaurant sweet
🍨|4|ice cream|dessert food restaurant sweet
🍩|4|doughnut|breakfast dessert donut food
🍪|4|cookie|chip chocolate dessert sweet
🎂|4|birthday cake|bday celebration dessert happy
🍰|4|shortcake|dessert pastry slice sweet
🧁|4|cupcake|bakery dessert sprinkles sugar
🥧|4|pie|apple filling fruit meat
🍫|4|chocolate bar|candy dessert halloween sweet
🍬|4|candy|cavities dessert halloween restaurant
🍭|4|lollipop|candy dessert food restaurant
🍮|4|custard|dessert pudding sweet
🍯|4|honey pot|barrel bear food honeypot
🍼|4|baby bottle|babies birth born drink
🥛|4|glass of milk|drink
☕|4|hot beverage|cafe caffeine chai coffee
🫖|4|teapot|brew drink food
🍵|4|teacup without handle|beverage drink oolong
🍶|4|sake|bar beverage bottle cup
🍾|4|bottle with popping cork|bar drink
🍷|4|wine glass|alcohol bar beverage booze
🍸|4|cocktail glass|alcohol bar booze club
🍹|4|tropical drink|alcohol bar booze club
🍺|4|beer mug|alcohol ale bar booze
🍻|4|clinking beer mugs|alcohol bar booze bottoms
🥂|4|clinking glasses|celebrate drink
🥃|4|tumbler glass|liquor scotch shot whiskey
🫗|4|pouring liquid|accident drink empty glass
🥤|4|cup with straw|drink juice malt soda
🧋|4|bubble tea|boba food milk pearl
🧃|4|beverage box|juice straw sweet
🧉|4|mate|drink
🧊|4|ice|cold cube iceberg
🥢|4|chopsticks|hashi jeotgarak kuaizi
🍽️|4|fork and knife with plate|cooking dinner eat
🍴|4|fork and knife|breakfast breaky cooking cutlery
🥄|4|spoon|eat tableware
🔪|4|kitchen knife|chef cooking hocho tool
🫙|4|jar|condiment container empty nothing
🏺|4|amphora|aquarius cooking drink jug
🌍|5|globe showing Europe-Africa|earth world
🌎|5|globe showing Americas|earth world
🌏|5|globe showing Asia-Australia|earth world
🌐|5|globe with meridians|earth internet web world
🗺️|5|world map
🗾|5|map of Japan
🧭|5|compass|direction magnetic navigation orienteering
🏔️|5|snow-capped mountain|cold
⛰️|5|mountain
🛘|5|landslide|avalanche danger disaster earthquake
🌋|5|volcano|eruption mountain nature
🗻|5|mount fuji|mountain nature
🏕️|5|camping
🏖️|5|beach with umbrella
🏜️|5|desert
🏝️|5|desert island
🏞️|5|national park
🏟️|5|stadium
🏛️|5|classical building
🏗️|5|building construction|crane
🧱|5|brick|bricks clay mortar wall
🪨|5|rock|boulder heavy solid stone
🪵|5|wood|log lumber timber
🛖|5|hut|home house roundhouse shelter
🏘️|5|houses
🏚️|5|derelict house|home
🏠|5|house|building country heart home
🏡|5|house with garden|building country heart home
🏢|5|office building|city cubical job
🏣|5|Japanese post office|building
🏤|5|post office|building european
🏥|5|hospital|building doctor medicine
🏦|5|bank|building
🏨|5|hotel|building
🏩|5|love hotel|building
🏪|5|convenience store|24 building hours
🏫|5|school|building
🏬|5|department store|building
🏭|5|factory|building
🏯|5|Japanese castle|building
🏰|5|castle|building european
💒|5|wedding|chapel hitched nuptials romance
🗼|5|Tokyo tower
🗽|5|Statue of Liberty|new ny nyc york
⛪|5|church|bless chapel christian cross
🕌|5|mosque|islam masjid muslim religion
🛕|5|hindu temple
🕍|5|synagogue|jew jewish judaism religion
⛩️|5|shinto shrine|religion
🕋|5|kaaba|hajj islam muslim religion
⛲|5|fountain
⛺|5|tent|camping
🌁|5|foggy
🌃|5|night with stars
🏙️|5|cityscape
🌄|5|sunrise over mountains|morning
🌅|5|sunrise|morning nature
🌆|5|cityscape at dusk|building evening landscape sun
🌇|5|sunset|building dusk
🌉|5|bridge at night
♨️|5|hot springs|hotsprings steaming
🎠|5|carousel horse|entertainment
🛝|5|playground slide|amusement park playing sliding
🎡|5|ferris wheel|amusement park theme
🎢|5|roller coaster|amusement park theme
💈|5|barber pole|cut fresh haircut shave
🎪|5|circus tent
🚂|5|locomotive|caboose engine railway steam
🚃|5|railway car|electric train tram travel
🚄|5|high-speed train|railway shinkansen
🚅|5|bullet train|high-speed nose railway shinkansen
🚆|5|train|arrived choo railway
🚇|5|metro|subway travel
🚈|5|light rail|arrived monorail railway
🚉|5|station|railway train
🚊|5|tram|trolleybus
🚝|5|monorail|vehicle
🚞|5|mountain railway|car trip
🚋|5|tram car|bus trolley trolleybus
🚌|5|bus|school vehicle
🚍|5|oncoming bus|cars
🚎|5|trolleybus|tram
🚐|5|minibus|drive van vehicle
🚑|5|ambulance|emergency vehicle
🚒|5|fire engine|truck
🚓|5|police car|5–0 cops patrol
🚔|5|oncoming police car
🚕|5|taxi|cab cabbie car drive
🚖|5|oncoming taxi|cab cabbie cars drove
🚗|5|automobile|car driving vehicle
🚘|5|oncoming automobile|car cars drove vehicle
🚙|5|sport utility vehicle|car drive recreational sportutility
🛻|5|pickup truck|automobile car flatbed pick-up
🚚|5|delivery truck|car drive vehicle
🚛|5|articulated lorry|car drive move semi
🚜|5|tractor|vehicle
🏎️|5|racing car|zoom
🏍️|5|motorcycle|racing
🛵|5|motor scooter
🦽|5|manual wheelchair|accessibility
🦼|5|motorized wheelchair|accessibility
🛺|5|auto rickshaw|tuk
🚲|5|bicycle|bike class cycling cyclist
🛴|5|kick scooter
🛹|5|skateboard|skater wheels
🛼|5|roller skate|blades skates sport
🚏|5|bus stop|busstop
🛣️|5|motorway|highway road
🛤️|5|railway track|train
🛢️|5|oil drum
⛽|5|fuel pump|diesel fuelpump gas gasoline
🛞|5|wheel|car circle tire turn
🚨|5|police car light|alarm alert beacon emergency
🚥|5|horizontal traffic light|intersection signal stop stoplight
🚦|5|vertical traffic light|drove intersection signal stop
🛑|5|stop sign|octagonal
🚧|5|construction|barrier
⚓|5|anchor|ship tool
🛟|5|ring buoy|float life lifesaver preserver
⛵|5|sailboat|resort sailing sea yacht
🛶|5|canoe|boat
🚤|5|speedboat|billionaire lake luxury millionaire
🛳️|5|passenger ship
⛴️|5|ferry|boat passenger
🛥️|5|motor boat|motorboat
🚢|5|ship|boat passenger travel
✈️|5|airplane|aeroplane fly flying jet
🛩️|5|small airplane|aeroplane
🛫|5|airplane departure|aeroplane check-in departures
🛬|5|airplane arrival|aeroplane arrivals arriving landing
🪂|5|parachute|hang-glide parasail skydive
💺|5|seat|chair
🚁|5|helicopter|roflcopter travel vehicle
🚟|5|suspension railway
🚠|5|mountain cableway|gondola lift ski
🚡|5|aerial tramway|cable car gondola ropeway
🛰️|5|satellite|space
🚀|5|rocket|launch rockets space travel
🛸|5|flying saucer|aliens extra terrestrial ufo
🛎️|5|bellhop bell|hotel
🧳|5|luggage|bag packing roller suitcase
⌛|5|hourglass done|sand time timer
⏳|5|hourglass not done|flowing hours sand timer
⌚|5|watch|clock time
⏰|5|alarm clock|hours hrs late time
⏱️|5|stopwatch|clock time
⏲️|5|timer clock
🕰️|5|mantelpiece clock|time
🕛|5|twelve o’clock|12 12:00 time
🕧|5|twelve-thirty|12 12:30 30 clock
🕐|5|one o’clock|1 1:00 time
🕜|5|one-thirty|1 1:30 30 clock
🕑|5|two o’clock|2 2:00 time
🕝|5|two-thirty|2 2:30 30 clock
🕒|5|three o’clock|3 3:00 time
🕞|5|three-thirty|3 30 3:30 clock
🕓|5|four o’clock|4 4:00 time
🕟|5|four-thirty|30 4 4:30 clock
🕔|5|five o’clock|5 5:00 time
🕠|5|five-thirty|30 5 5:30 clock
🕕|5|six o’clock|6 6:00 time
🕡|5|six-thirty|30 6 6:30 clock
🕖|5|seven o’clock|0 7 7:00
🕢|5|seven-thirty|30 7 7:30 clock
🕗|5|eight o’clock|8 8:00 time
🕣|5|eight-thirty|30 8 8:30 clock
🕘|5|nine o’clock|9 9:00 time
🕤|5|nine-thirty|30 9 9:30 clock
🕙|5|ten o’clock|0 10 10:00
🕥|5|ten-thirty|10 10:30 30 clock
🕚|5|eleven o’clock|11 11:00 time
🕦|5|eleven-thirty|11 11:30 30 clock
🌑|5|new moon|dark space
🌒|5|waxing crescent moon|dreams space
🌓|5|first quarter moon|space
🌔|5|waxing gibbous moon|space
🌕|5|full moon|space
🌖|5|waning gibbous moon|space
🌗|5|last quarter moon|space
🌘|5|waning crescent moon|space
🌙|5|crescent moon|ramadan space
🌚|5|new moon face|space
🌛|5|first quarter moon face|space
🌜|5|last quarter moon face|dreams
🌡️|5|thermometer|weather
☀️|5|sun|bright rays space sunny
🌝|5|full moon face|bright
🌞|5|sun with face|beach bright day heat
🪐|5|ringed planet|saturn saturnine
⭐|5|star|astronomy medium stars white
🌟|5|glowing star|glittery night shining sparkle
🌠|5|shooting star|falling night space
🌌|5|milky way|space
☁️|5|cloud|weather
⛅|5|sun behind cloud|cloudy weather
⛈️|5|cloud with lightning and rain|thunder thunderstorm
🌤️|5|sun behind small cloud|weather
🌥️|5|sun behind large cloud|weather
🌦️|5|sun behind rain cloud|weather
🌧️|5|cloud with rain|weather
🌨️|5|cloud with snow|cold weather
🌩️|5|cloud with lightning|weather
🌪️|5|tornado|cloud weather whirlwind
🌫️|5|fog|cloud weather
🌬️|5|wind face|blow cloud
🌀|5|cyclone|dizzy hurricane twister typhoon
🌈|5|rainbow|gay genderqueer glbt glbtq
🌂|5|closed umbrella|clothing rain
☂️|5|umbrella|clothing rain
☔|5|umbrella with rain drops|clothing weather
⛱️|5|umbrella on ground|rain sun
⚡|5|high voltage|danger electric electricity lightning
❄️|5|snowflake|cold weather
☃️|5|snowman|cold
⛄|5|snowman without snow|cold
☄️|5|comet|space
🔥|5|fire|af burn flame hot
💧|5|droplet|cold comic nature sad
🌊|5|water wave|nature ocean surf surfer
🎃|6|jack-o-lantern|celebration halloween pumpkin
🎄|6|Christmas tree|celebration
🎆|6|fireworks|boom celebration entertainment yolo
🎇|6|sparkler|boom celebration fireworks
🧨|6|firecracker|dynamite explosive fireworks light
✨|6|sparkles|* magic star
🎈|6|balloon|birthday celebrate celebration
🎉|6|party popper|awesome birthday celebrate celebration
🎊|6|confetti ball|celebrate celebration party woohoo
🎋|6|tanabata tree|banner celebration japanese
🎍|6|pine decoration|bamboo celebration japanese plant
🎎|6|Japanese dolls|celebration festival
🎏|6|carp streamer|celebration
🎐|6|wind chime|bell celebration
🎑|6|moon viewing ceremony|celebration
🧧|6|red envelope|gift good hóngbāo lai
🎀|6|ribbon|celebration
🎁|6|wrapped gift|birthday bow box celebration
🎗️|6|reminder ribbon|celebration
🎟️|6|admission tickets
🎫|6|ticket|admission stub
🎖️|6|military medal|award celebration
🏆|6|trophy|champion champs prize slay
🏅|6|sports medal|award gold winner
🥇|6|1st place medal|first gold
🥈|6|2nd place medal|second silver
🥉|6|3rd place medal|bronze third
⚽|6|soccer ball|football futbol sport
⚾|6|baseball|sport
🥎|6|softball|glove sports underarm
🏀|6|basketball|hoop sport
🏐|6|volleyball|game
🏈|6|american football|bowl sport super
🏉|6|rugby football|sport
🎾|6|tennis|ball racquet sport
🥏|6|flying disc|ultimate
🎳|6|bowling|ball game sport strike
🏏|6|cricket game|ball bat
🏑|6|field hockey|ball game stick
🏒|6|ice hockey|game puck stick
🥍|6|lacrosse|ball goal sports stick
🏓|6|ping pong|ball bat game paddle
🏸|6|badminton|birdie game racquet shuttlecock
🥊|6|boxing glove
🥋|6|martial arts uniform|judo karate taekwondo
🥅|6|goal net
⛳|6|flag in hole|golf sport
⛸️|6|ice skate|skating
🎣|6|fishing pole|entertainment sport
🤿|6|diving mask|scuba snorkeling
🎽|6|running shirt|athletics sash
🎿|6|skis|snow sport
🛷|6|sled|luge sledge sleigh snow
🥌|6|curling stone|game rock
🎯|6|bullseye|dart direct entertainment game
🪀|6|yo-yo|fluctuate toy
🪁|6|kite|fly soar
🔫|6|water pistol|gun handgun revolver tool
🎱|6|pool 8 ball|8ball billiard eight game
🔮|6|crystal ball|fairy fairytale fantasy fortune
🪄|6|magic wand|magician witch wizard
🎮|6|video game|controller entertainment
🕹️|6|joystick|game video videogame
🎰|6|slot machine|casino gamble gambling game
🎲|6|game die|dice entertainment
🧩|6|puzzle piece|clue interlocking jigsaw
🧸|6|teddy bear|plaything plush stuffed toy
🪅|6|piñata|candy celebrate celebration cinco
🪩|6|mirror ball|dance disco glitter party
🪆|6|nesting dolls|babooshka baboushka babushka matryoshka
♠️|6|spade suit|card game
♥️|6|heart suit|card emotion game hearts
♦️|6|diamond suit|card game
♣️|6|club suit|card clubs game
♟️|6|chess pawn|dupe expendable
🃏|6|joker|card game wildcard
🀄|6|mahjong red dragon|game
🎴|6|flower playing cards|game japanese
🎭|6|performing arts|actor actress entertainment mask
🖼️|6|framed picture|art museum painting
🎨|6|artist palette|artsy arty colorful creative
🧵|6|thread|needle sewing spool string
🪡|6|sewing needle|embroidery stitches sutures tailoring
🧶|6|yarn|ball crochet knit
🪢|6|knot|cord rope tangled tie
👓|7|glasses|clothing eye eyeglasses eyewear
🕶️|7|sunglasses|dark eye eyewear
🥽|7|goggles|dive eye protection scuba
🥼|7|lab coat|clothes doctor dr experiment
🦺|7|safety vest|emergency
👔|7|necktie|clothing employed serious shirt
👕|7|t-shirt|blue casual clothes clothing
👖|7|jeans|blue casual clothes clothing
🧣|7|scarf|bundle cold neck up
🧤|7|gloves|hand
🧥|7|coat|brr bundle cold jacket
🧦|7|socks|stocking
👗|7|dress|clothes clothing dressed fancy
👘|7|kimono|clothing comfortable
🥻|7|sari|clothing dress
🩱|7|one-piece swimsuit|bathing
🩲|7|briefs|bathing one-piece suit swimsuit
🩳|7|shorts|bathing pants suit swimsuit
👙|7|bikini|bathing beach clothing pool
👚|7|woman’s clothes|blouse clothing collar dress
🪭|7|folding hand fan|clack clap cool cooling
👛|7|purse|clothes clothing coin dress
👜|7|handbag|clothes clothing dress lady
👝|7|clutch bag|clothes clothing dress handbag
🛍️|7|shopping bags|hotel
🎒|7|backpack|backpacking bag bookbag education
🩴|7|thong sandal|beach flip flop sandals
👞|7|man’s shoe|brown clothes clothing feet
👟|7|running shoe|athletic clothes clothing fast
🥾|7|hiking boot|backpacking brown camping outdoors
🥿|7|flat shoe|ballet comfy flats slip-on
👠|7|high-heeled shoe|clothes clothing dress fashion
👡|7|woman’s sandal|clothing shoe
🩰|7|ballet shoes|dance
👢|7|woman’s boot|clothes clothing dress shoe
🪮|7|hair pick|afro comb groom
👑|7|crown|clothing family king medieval
👒|7|woman’s hat|clothes clothing garden hats
🎩|7|top hat|clothes clothing fancy formal
🎓|7|graduation cap|celebration clothing education hat
🧢|7|billed cap|baseball bent dad hat
🪖|7|military helmet|army soldier war warrior
⛑️|7|rescue worker’s helmet|aid cross face hat
📿|7|prayer beads|clothing necklace religion
💄|7|lipstick|cosmetics date makeup
💍|7|ring|diamond engaged engagement married
💎|7|gem stone|diamond engagement jewel money
🔇|7|muted speaker|quiet silent sound
🔈|7|speaker low volume|soft sound
🔉|7|speaker medium volume|sound
🔊|7|speaker high volume|loud music sound
📢|7|loudspeaker|address communication public sound
📣|7|megaphone|cheering sound
📯|7|postal horn
🔔|7|bell|break church sound
🔕|7|bell with slash|forbidden mute no not
🎼|7|musical score|note
🎵|7|musical note|sound
🎶|7|musical notes|sound
🎙️|7|studio microphone|music
🎚️|7|level slider|music
🎛️|7|control knobs|music
🎤|7|microphone|karaoke music sing sound
🎧|7|headphone|earbud sound
📻|7|radio|entertainment tbt video
🎷|7|saxophone|instrument music
🎺|7|trumpet|instrument music
🪊|7|trombone|brass instrument jazz music
🪗|7|accordion|box concertina instrument music
🎸|7|guitar|instrument music strat
🎹|7|musical keyboard|instrument piano
🎻|7|violin|instrument music
🪕|7|banjo|music stringed
🥁|7|drum|drumsticks music
🪘|7|long drum|beat conga instrument rhythm
🪇|7|maracas|cha dance instrument music
🪈|7|flute|band fife flautist instrument
🪉|7|harp|cupid instrument love music
📱|7|mobile phone|cell communication telephone
📲|7|mobile phone with arrow|build call cell communication
☎️|7|telephone
📞|7|telephone receiver|communication voip
📟|7|pager|communication
📠|7|fax machine|communication
🔋|7|battery
🪫|7|low battery|drained electronic energy power
🔌|7|electric plug|electricity
💻|7|laptop|computer office pc personal
🖥️|7|desktop computer|monitor
🖨️|7|printer|computer
⌨️|7|keyboard|computer
🖱️|7|computer mouse
🖲️|7|trackball|computer
💽|7|computer disk|minidisk optical
💾|7|floppy disk|computer
💿|7|optical disk|blu-ray cd computer dvd
📀|7|dvd|blu-ray cd computer disk
🧮|7|abacus|calculation calculator
🎥|7|movie camera|bollywood cinema film hollywood
🎞️|7|film frames|cinema movie
📽️|7|film projector|cinema movie video
🎬|7|clapper board|action movie
📺|7|television|tv video
📷|7|camera|photo selfie snap tbt
📸|7|camera with flash|video
📹|7|video camera|camcorder tbt
📼|7|videocassette|old school tape vcr
🔍|7|magnifying glass tilted left|lab left-pointing science search
🔎|7|magnifying glass tilted right|contact lab right-pointing science
🕯️|7|candle|light
💡|7|light bulb|comic electric idea
🔦|7|flashlight|electric tool torch
🏮|7|red paper lantern|bar light restaurant
🪔|7|diya lamp|light oil
📔|7|notebook with decorative cover|decorated education school writing
📕|7|closed book|education
📖|7|open book|education fantasy knowledge library
📗|7|green book|education fantasy library reading
📘|7|blue book|education fantasy library reading
📙|7|orange book|education fantasy library reading
📚|7|books|education fantasy knowledge library
📓|7|notebook
📒|7|ledger|notebook
📃|7|page with curl|document paper
📜|7|scroll|paper
📄|7|page facing up|document paper
📰|7|newspaper|communication
🗞️|7|rolled-up newspaper
📑|7|bookmark tabs|marker
🔖|7|bookmark
🏷️|7|label|tag
🪙|7|coin|dollar euro gold metal
💰|7|money bag|bank bet billion cash
🪎|7|treasure chest|gem gold jewels loot
💴|7|yen banknote|bill currency money
💵|7|dollar banknote|bill currency money
💶|7|euro banknote|100 bill currency money
💷|7|pound banknote|bill billion cash currency
💸|7|money with wings|bank banknote bill billion
💳|7|credit card|bank cash charge money
🧾|7|receipt|accounting bookkeeping evidence invoice
💹|7|chart increasing with yen|bank currency graph growth
✉️|7|envelope|e-mail email letter
📧|7|e-mail|email letter
📨|7|incoming envelope|delivering e-mail email letter
📩|7|envelope with arrow|communication down e-mail email
📤|7|outbox tray|email letter mail sent
📥|7|inbox tray|email letter mail receive
📦|7|package|box communication delivery parcel
📫|7|closed mailbox with raised flag|communication postbox
📪|7|closed mailbox with lowered flag|postbox
📬|7|open mailbox with raised flag|postbox
📭|7|open mailbox with lowered flag|postbox
📮|7|postbox|mail mailbox
🗳️|7|ballot box with ballot
✏️|7|pencil
✒️|7|black nib|pen
🖋️|7|fountain pen
🖊️|7|pen|ballpoint
🖌️|7|paintbrush|painting
🖍️|7|crayon
📝|7|memo|communication media notes pencil
💼|7|briefcase|office
📁|7|file folder
📂|7|open file folder
🗂️|7|card index dividers
📅|7|calendar|date
📆|7|tear-off calendar
🗒️|7|spiral notepad
🗓️|7|spiral calendar|pad
📇|7|card index|old rolodex school
📈|7|chart increasing|data graph growth right
📉|7|chart decreasing|data down downward graph
📊|7|bar chart|data graph
📋|7|clipboard|do list notes
📌|7|pushpin|collage
📍|7|round pushpin|location map
📎|7|paperclip
🖇️|7|linked paperclips
📏|7|straight ruler|angle edge math straightedge
📐|7|triangular ruler|angle math set slide
✂️|7|scissors|cut cutting paper tool
🗃️|7|card file box
🗄️|7|file cabinet|filing paper
🗑️|7|wastebasket|can garbage trash
🔒|7|locked|closed private
🔓|7|unlocked|cracked open
🔏|7|locked with pen|ink nib privacy
🔐|7|locked with key|bike closed secure
🔑|7|key|keys lock major password
🗝️|7|old key|clue lock
🔨|7|hammer|home improvement repairs tool
🪓|7|axe|chop hatchet split wood
⛏️|7|pick|hammer mining tool
⚒️|7|hammer and pick|tool
🛠️|7|hammer and wrench|spanner tool
🗡️|7|dagger|knife weapon
⚔️|7|crossed swords|weapon
💣|7|bomb|boom comic dangerous explosion
🪃|7|boomerang|rebound repercussion weapon
🏹|7|bow and arrow|archer archery sagittarius tool
🛡️|7|shield|weapon
🪚|7|carpentry saw|carpenter cut lumber tool
🔧|7|wrench|home improvement spanner tool
🪛|7|screwdriver|flathead handy tool
🔩|7|nut and bolt|home improvement tool
⚙️|7|gear|cog cogwheel tool
🗜️|7|clamp|compress tool vice
⚖️|7|balance scale|justice libra scales tool
🦯|7|white cane|accessibility blind probing
🔗|7|link|links
⛓️‍💥|7|broken chain|break breaking cuffs freedom
⛓️|7|chains
🪝|7|hook|catch crook curve ensnare
🧰|7|toolbox|chest mechanic red
🧲|7|magnet|attraction horseshoe magnetic negative
🪜|7|ladder|climb rung step
🪏|7|shovel|bury dig garden hole
⚗️|7|alembic|chemistry tool
🧪|7|test tube|chemist chemistry experiment lab
🧫|7|petri dish|bacteria biologist biology culture
🧬|7|dna|biologist evolution gene genetics
🔬|7|microscope|experiment lab science tool
🔭|7|telescope|contact extraterrestrial science tool
📡|7|satellite antenna|aliens contact dish science
💉|7|syringe|doctor flu medicine needle
🩸|7|drop of blood|bleed donation injury medicine
💊|7|pill|doctor drugs medicated medicine
🩹|7|adhesive bandage
🩼|7|crutch|aid cane disability help
🩺|7|stethoscope|doctor heart medicine
🩻|7|x-ray|bones doctor medical skeleton
🚪|7|door|back closet front
🛗|7|elevator|accessibility hoist lift
🪞|7|mirror|makeup reflection reflector speculum
🪟|7|window|air frame fresh opening
🛏️|7|bed|hotel sleep
🛋️|7|couch and lamp|hotel
🪑|7|chair|seat sit
🚽|7|toilet|bathroom
🪠|7|plunger|cup force plumber poop
🚿|7|shower|water
🛁|7|bathtub
🪤|7|mouse trap|bait cheese lure mousetrap
🪒|7|razor|sharp shave
🧴|7|lotion bottle|moisturizer shampoo sunscreen
🧷|7|safety pin|diaper punk rock
🧹|7|broom|cleaning sweeping witch
🧺|7|basket|farming laundry picnic
🧻|7|roll of paper|toilet towels
🪣|7|bucket|cask pail vat
🧼|7|soap|bar bathing clean cleaning
🫧|7|bubbles|burp clean floating pearl
🪥|7|toothbrush|bathroom clean dental hygiene
🧽|7|sponge|absorbing cleaning porous soak
🧯|7|fire extinguisher|quench
🛒|7|shopping cart|trolley
🚬|7|cigarette|smoking
⚰️|7|coffin|dead death vampire
🪦|7|headstone|cemetery dead grave graveyard
⚱️|7|funeral urn|ashes death
🧿|7|nazar amulet|bead blue charm evil-eye
🪬|7|hamsa|amulet fatima fortune guide
🗿|7|moai|face moyai statue stoneface
🪧|7|placard|demonstration notice picket plaque
🪪|7|identification card|credentials document license security
🏧|8|ATM sign|automated bank cash money
🚮|8|litter in bin sign|litterbin
🚰|8|potable water|drinking
♿|8|wheelchair symbol|access handicap
🚹|8|men’s room|bathroom lavatory man restroom
🚺|8|women’s room|bathroom lavatory restroom toilet
🚻|8|restroom|bathroom lavatory toilet wc
🚼|8|baby symbol|changing
🚾|8|water closet|bathroom lavatory restroom toilet
🛂|8|passport control
🛃|8|customs|packing
🛄|8|baggage claim|arrived bags case checked
🛅|8|left luggage|baggage case locker
⚠️|8|warning|caution
🚸|8|children crossing|pedestrian traffic
⛔|8|no entry|do fail forbidden not
🚫|8|prohibited|entry forbidden no not
🚳|8|no bicycles|bike forbidden not prohibited
🚭|8|no smoking|forbidden not prohibited smoke
🚯|8|no littering|forbidden not prohibited
🚱|8|non-potable water|dry non-drinking prohibited
🚷|8|no pedestrians|forbidden not prohibited
📵|8|no mobile phones|cell forbidden not prohibited
🔞|8|no one under eighteen|18 age forbidden not
☢️|8|radioactive|sign
☣️|8|biohazard|sign
⬆️|8|up arrow|cardinal direction north
↗️|8|up-right arrow|direction intercardinal northeast
➡️|8|right arrow|cardinal direction east
↘️|8|down-right arrow|direction intercardinal southeast
⬇️|8|down arrow|cardinal direction south
↙️|8|down-left arrow|direction intercardinal southwest
⬅️|8|left arrow|cardinal direction west
↖️|8|up-left arrow|direction intercardinal northwest
↕️|8|up-down arrow
↔️|8|left-right arrow
↩️|8|right arrow curving left
↪️|8|left arrow curving right
⤴️|8|right arrow curving up
⤵️|8|right arrow curving down
🔃|8|clockwise vertical arrows|refresh reload
🔄|8|counterclockwise arrows button|again anticlockwise deja refresh
🔙|8|BACK arrow
🔚|8|END arrow
🔛|8|ON! arrow|mark
🔜|8|SOON arrow|brb omw
🔝|8|TOP arrow|homie up
🛐|8|place of worship|pray religion
⚛️|8|atom symbol|atheist
🕉️|8|om|hindu religion
✡️|8|star of David|jew jewish judaism religion
☸️|8|wheel of dharma|buddhist religion
☯️|8|yin yang|difficult lives religion tao
✝️|8|latin cross|christ christian religion
☦️|8|orthodox cross|christian religion
☪️|8|star and crescent|islam muslim ramadan religion
☮️|8|peace symbol|healing peaceful
🕎|8|menorah|candelabrum candlestick hanukkah jewish
🔯|8|dotted six-pointed star|fortune jewish judaism
🪯|8|khanda|deg fateh khalsa religion
♈|8|Aries|horoscope ram zodiac
♉|8|Taurus|bull horoscope ox zodiac
♊|8|Gemini|horoscope twins zodiac
♋|8|Cancer|crab horoscope zodiac
♌|8|Leo|horoscope lion zodiac
♍|8|Virgo|horoscope zodiac
♎|8|Libra|balance horoscope justice scales
♏|8|Scorpio|horoscope scorpion scorpius zodiac
♐|8|Sagittarius|archer horoscope zodiac
♑|8|Capricorn|goat horoscope zodiac
♒|8|Aquarius|bearer horoscope water zodiac
♓|8|Pisces|fish horoscope zodiac
⛎|8|Ophiuchus|bearer serpent snake zodiac
🔀|8|shuffle tracks button|arrow crossed
🔁|8|repeat button|arrow clockwise
🔂|8|repeat single button|arrow clockwise once
▶️|8|play button|arrow right triangle
⏩|8|fast-forward button|arrow double
⏭️|8|next track button|arrow scene triangle
⏯️|8|play or pause button|arrow right triangle
◀️|8|reverse button|arrow left triangle
⏪|8|fast reverse button|arrow double rewind
⏮️|8|last track button|arrow previous scene triangle
🔼|8|upwards button|arrow red
⏫|8|fast up button|arrow double
🔽|8|downwards button|arrow red
⏬|8|fast down button|arrow double
⏸️|8|pause button|bar double vertical
⏹️|8|stop button|square
⏺️|8|record button|circle
⏏️|8|eject button
🎦|8|cinema|camera film movie
🔅|8|dim button|brightness low
🔆|8|bright button|brightness light
📶|8|antenna bars|cell communication mobile phone
🛜|8|wireless|broadband computer connectivity hotspot
📳|8|vibration mode|cell communication mobile phone
📴|8|mobile phone off|cell telephone
♀️|8|female sign|woman
♂️|8|male sign|man
⚧️|8|transgender symbol
✖️|8|multiply|cancel multiplication sign x
➕|8|plus|+
➖|8|minus|- heavy math sign
➗|8|divide|division heavy math sign
🟰|8|heavy equals sign|answer equality math
♾️|8|infinity|forever unbounded universal
‼️|8|double exclamation mark|! !! bangbang punctuation
⁉️|8|exclamation question mark|! !? ? interrobang
❓|8|red question mark|? punctuation
❔|8|white question mark|? outlined punctuation
❕|8|white exclamation mark|! outlined punctuation
❗|8|red exclamation mark|! punctuation
〰️|8|wavy dash|punctuation
💱|8|currency exchange|bank money
💲|8|heavy dollar sign|billion cash charge currency
⚕️|8|medical symbol|aesculapius medicine staff
♻️|8|recycling symbol|recycle
⚜️|8|fleur-de-lis|knights
🔱|8|trident emblem|anchor poseidon ship tool
📛|8|name badge
🔰|8|Japanese symbol for beginner|chevron green leaf tool
⭕|8|hollow red circle|heavy large
✅|8|check mark button|checked checkmark complete completed
☑️|8|check box with check|ballot checked done off
✔️|8|check mark|checked checkmark done heavy
❌|8|cross mark|cancel multiplication multiply x
❎|8|cross mark button|multiplication multiply square x
➰|8|curly loop
➿|8|double curly loop
〽️|8|part alternation mark
✳️|8|eight-spoked asterisk|*
✴️|8|eight-pointed star|*
❇️|8|sparkle|*
©️|8|copyright
®️|8|registered
™️|8|trade mark|tm trademark
🫟|8|splatter|drip holi ink liquid
#️⃣|8|keycap: #
*️⃣|8|keycap: *
0️⃣|8|keycap: 0|zero
1️⃣|8|keycap: 1|one
2️⃣|8|keycap: 2|two
3️⃣|8|keycap: 3|three
4️⃣|8|keycap: 4|four
5️⃣|8|keycap: 5|five
6️⃣|8|keycap: 6|six
7️⃣|8|keycap: 7|seven
8️⃣|8|keycap: 8|eight
9️⃣|8|keycap: 9|nine
🔟|8|keycap: 10
🔠|8|input latin uppercase|abcd letters
🔡|8|input latin lowercase|abcd letters
🔢|8|input numbers|1234
🔣|8|input symbols|% & ♪ 〒
🔤|8|input latin letters|abc alphabet
🅰️|8|A button (blood type)
🆎|8|AB button (blood type)
🅱️|8|B button (blood type)
🆑|8|CL button
🆒|8|COOL button
🆓|8|FREE button
ℹ️|8|information
🆔|8|ID button|identity
Ⓜ️|8|circled M
🆕|8|NEW button
🆖|8|NG button
🅾️|8|O button (blood type)
🆗|8|OK button|okay
🅿️|8|P button|parking
🆘|8|SOS button|help
🆙|8|UP! button|mark
🆚|8|VS button|versus
🈁|8|Japanese “here” button|katakana
🈂️|8|Japanese “service charge” button|katakana
🈷️|8|Japanese “monthly amount” button|ideograph
🈶|8|Japanese “not free of charge” button|ideograph
🈯|8|Japanese “reserved” button|ideograph
🉐|8|Japanese “bargain” button|ideograph
🈹|8|Japanese “discount” button|ideograph
🈚|8|Japanese “free of charge” button|ideograph
🈲|8|Japanese “prohibited” button|ideograph
🉑|8|Japanese “acceptable” button|ideograph
🈸|8|Japanese “application” button|ideograph
🈴|8|Japanese “passing grade” button|ideograph
🈳|8|Japanese “vacancy” button|ideograph
㊗️|8|Japanese “congratulations” button|ideograph
㊙️|8|Japanese “secret” button|ideograph
🈺|8|Japanese “open for business” button|ideograph
🈵|8|Japanese “no vacancy” button|ideograph
🔴|8|red circle|geometric
🟠|8|orange circle
🟡|8|yellow circle
🟢|8|green circle
🔵|8|blue circle|geometric
🟣|8|purple circle
🟤|8|brown circle
⚫|8|black circle|geometric
⚪|8|white circle|geometric
🟥|8|red square|card penalty
🟧|8|orange square
🟨|8|yellow square|card penalty
🟩|8|green square
🟦|8|blue square
🟪|8|purple square
🟫|8|brown square
⬛|8|black large square|geometric
⬜|8|white large square|geometric
◼️|8|black medium square|geometric
◻️|8|white medium square|geometric
◾|8|black medium-small square|geometric
◽|8|white medium-small square|geometric
▪️|8|black small square|geometric
▫️|8|white small square|geometric
🔶|8|large orange diamond|geometric
🔷|8|large blue diamond|geometric
🔸|8|small orange diamond|geometric
🔹|8|small blue diamond|geometric
🔺|8|red triangle pointed up|geometric
🔻|8|red triangle pointed down|geometric
💠|8|diamond with a dot|comic geometric
🔘|8|radio button|geometric
🔳|8|white square button|geometric outlined
🔲|8|black square button|geometric
🏁|9|chequered flag|checkered finish flags game
🚩|9|triangular flag|construction golf post
🎌|9|crossed flags|celebration japanese
🏴|9|black flag|waving
🏳️|9|white flag|waving
🏳️‍🌈|9|rainbow flag|bisexual gay genderqueer glbt
🏳️‍⚧️|9|transgender flag|blue light pink white
🏴‍☠️|9|pirate flag|jolly plunder roger treasure
🇦🇨|9|flag: Ascension Island|AC
🇦🇩|9|flag: Andorra|AD
🇦🇪|9|flag: United Arab Emirates|AE
🇦🇫|9|flag: Afghanistan|AF
🇦🇬|9|flag: Antigua & Barbuda|AG
🇦🇮|9|flag: Anguilla|AI
🇦🇱|9|flag: Albania|AL
🇦🇲|9|flag: Armenia|AM
🇦🇴|9|flag: Angola|AO
🇦🇶|9|flag: Antarctica|AQ
🇦🇷|9|flag: Argentina|AR
🇦🇸|9|flag: American Samoa|AS
🇦🇹|9|flag: Austria|AT
🇦🇺|9|flag: Australia|AU
🇦🇼|9|flag: Aruba|AW
🇦🇽|9|flag: Åland Islands|AX
🇦🇿|9|flag: Azerbaijan|AZ
🇧🇦|9|flag: Bosnia & Herzegovina|BA
🇧🇧|9|flag: Barbados|BB
🇧🇩|9|flag: Bangladesh|BD
🇧🇪|9|flag: Belgium|BE
🇧🇫|9|flag: Burkina Faso|BF
🇧🇬|9|flag: Bulgaria|BG
🇧🇭|9|flag: Bahrain|BH
🇧🇮|9|flag: Burundi|BI
🇧🇯|9|flag: Benin|BJ
🇧🇱|9|flag: St. Barthélemy|BL
🇧🇲|9|flag: Bermuda|BM
🇧🇳|9|flag: Brunei|BN
🇧🇴|9|flag: Bolivia|BO
🇧🇶|9|flag: Caribbean Netherlands|BQ
🇧🇷|9|flag: Brazil|BR
🇧🇸|9|flag: Bahamas|BS
🇧🇹|9|flag: Bhutan|BT
🇧🇻|9|flag: Bouvet Island|BV
🇧🇼|9|flag: Botswana|BW
🇧🇾|9|flag: Belarus|BY
🇧🇿|9|flag: Belize|BZ
🇨🇦|9|flag: Canada|CA
🇨🇨|9|flag: Cocos (Keeling) Islands|CC
🇨🇩|9|flag: Congo - Kinshasa|CD
🇨🇫|9|flag: Central African Republic|CF
🇨🇬|9|flag: Congo - Brazzaville|CG
🇨🇭|9|flag: Switzerland|CH
🇨🇮|9|flag: Côte d’Ivoire|CI
🇨🇰|9|flag: Cook Islands|CK
🇨🇱|9|flag: Chile|CL
🇨🇲|9|flag: Cameroon|CM
🇨🇳|9|flag: China|CN
🇨🇴|9|flag: Colombia|CO
🇨🇵|9|flag: Clipperton Island|CP
🇨🇶|9|flag: Sark|CQ
🇨🇷|9|flag: Costa Rica|CR
🇨🇺|9|flag: Cuba|CU
🇨🇻|9|flag: Cape Verde|CV
🇨🇼|9|flag: Curaçao|CW
🇨🇽|9|flag: Christmas Island|CX
🇨🇾|9|flag: Cyprus|CY
🇨🇿|9|flag: Czechia|CZ
🇩🇪|9|flag: Germany|DE
🇩🇬|9|flag: Diego Garcia|DG
🇩🇯|9|flag: Djibouti|DJ
🇩🇰|9|flag: Denmark|DK
🇩🇲|9|flag: Dominica|DM
🇩🇴|9|flag: Dominican Republic|DO
🇩🇿|9|flag: Algeria|DZ
🇪🇦|9|flag: Ceuta & Melilla|EA
🇪🇨|9|flag: Ecuador|EC
🇪🇪|9|flag: Estonia|EE
🇪🇬|9|flag: Egypt|EG
🇪🇭|9|flag: Western Sahara|EH
🇪🇷|9|flag: Eritrea|ER
🇪🇸|9|flag: Spain|ES
🇪🇹|9|flag: Ethiopia|ET
🇪🇺|9|flag: European Union|EU
🇫🇮|9|flag: Finland|FI
🇫🇯|9|flag: Fiji|FJ
🇫🇰|9|flag: Falkland Islands|FK
🇫🇲|9|flag: Micronesia|FM
🇫🇴|9|flag: Faroe Islands|FO
🇫🇷|9|flag: France|FR
🇬🇦|9|flag: Gabon|GA
🇬🇧|9|flag: United Kingdom|GB
🇬🇩|9|flag: Grenada|GD
🇬🇪|9|flag: Georgia|GE
🇬🇫|9|flag: French Guiana|GF
🇬🇬|9|flag: Guernsey|GG
🇬🇭|9|flag: Ghana|GH
🇬🇮|9|flag: Gibraltar|GI
🇬🇱|9|flag: Greenland|GL
🇬🇲|9|flag: Gambia|GM
🇬🇳|9|flag: Guinea|GN
🇬🇵|9|flag: Guadeloupe|GP
🇬🇶|9|flag: Equatorial Guinea|GQ
🇬🇷|9|flag: Greece|GR
🇬🇸|9|flag: South Georgia & South Sandwich Islands|GS
🇬🇹|9|flag: Guatemala|GT
🇬🇺|9|flag: Guam|GU
🇬🇼|9|flag: Guinea-Bissau|GW
🇬🇾|9|flag: Guyana|GY
🇭🇰|9|flag: Hong Kong SAR China|HK
🇭🇲|9|flag: Heard & McDonald Islands|HM
🇭🇳|9|flag: Honduras|HN
🇭🇷|9|flag: Croatia|HR
🇭🇹|9|flag: Haiti|HT
🇭🇺|9|flag: Hungary|HU
🇮🇨|9|flag: Canary Islands|IC
🇮🇩|9|flag: Indonesia|ID
🇮🇪|9|flag: Ireland|IE
🇮🇱|9|flag: Israel|IL
🇮🇲|9|flag: Isle of Man|IM
🇮🇳|9|flag: India|IN
🇮🇴|9|flag: British Indian Ocean Territory|IO
🇮🇶|9|flag: Iraq|IQ
🇮🇷|9|flag: Iran|IR
🇮🇸|9|flag: Iceland|IS
🇮🇹|9|flag: Italy|IT
🇯🇪|9|flag: Jersey|JE
🇯🇲|9|flag: Jamaica|JM
🇯🇴|9|flag: Jordan|JO
🇯🇵|9|flag: Japan|JP
🇰🇪|9|flag: Kenya|KE
🇰🇬|9|flag: Kyrgyzstan|KG
🇰🇭|9|flag: Cambodia|KH
🇰🇮|9|flag: Kiribati|KI
🇰🇲|9|flag: Comoros|KM
🇰🇳|9|flag: St. Kitts & Nevis|KN
🇰🇵|9|flag: North Korea|KP
🇰🇷|9|flag: South Korea|KR
🇰🇼|9|flag: Kuwait|KW
🇰🇾|9|flag: Cayman Islands|KY
🇰🇿|9|flag: Kazakhstan|KZ
🇱🇦|9|flag: Laos|LA
🇱🇧|9|flag: Lebanon|LB
🇱🇨|9|flag: St. Lucia|LC
🇱🇮|9|flag: Liechtenstein|LI
🇱🇰|9|flag: Sri Lanka|LK
🇱🇷|9|flag: Liberia|LR
🇱🇸|9|flag: Lesotho|LS
🇱🇹|9|flag: Lithuania|LT
🇱🇺|9|flag: Luxembourg|LU
🇱🇻|9|flag: Latvia|LV
🇱🇾|9|flag: Libya|LY
🇲🇦|9|flag: Morocco|MA
🇲🇨|9|flag: Monaco|MC
🇲🇩|9|flag: Moldova|MD
🇲🇪|9|flag: Montenegro|ME
🇲🇫|9|flag: St. Martin|MF
🇲🇬|9|flag: Madagascar|MG
🇲🇭|9|flag: Marshall Islands|MH
🇲🇰|9|flag: North Macedonia|MK
🇲🇱|9|flag: Mali|ML
🇲🇲|9|flag: Myanmar (Burma)|MM
🇲🇳|9|flag: Mongolia|MN
🇲🇴|9|flag: Macao SAR China|MO
🇲🇵|9|flag: Northern Mariana Islands|MP
🇲🇶|9|flag: Martinique|MQ
🇲🇷|9|flag: Mauritania|MR
🇲🇸|9|flag: Montserrat|MS
🇲🇹|9|flag: Malta|MT
🇲🇺|9|flag: Mauritius|MU
🇲🇻|9|flag: Maldives|MV
🇲🇼|9|flag: Malawi|MW
🇲🇽|9|flag: Mexico|MX
🇲🇾|9|flag: Malaysia|MY
🇲🇿|9|flag: Mozambique|MZ
🇳🇦|9|flag: Namibia|NA
🇳🇨|9|flag: New Caledonia|NC
🇳🇪|9|flag: Niger|NE
🇳🇫|9|flag: Norfolk Island|NF
🇳🇬|9|flag: Nigeria|NG
🇳🇮|9|flag: Nicaragua|NI
🇳🇱|9|flag: Netherlands|NL
🇳🇴|9|flag: Norway|NO
🇳🇵|9|flag: Nepal|NP
🇳🇷|9|flag: Nauru|NR
🇳🇺|9|flag: Niue|NU
🇳🇿|9|flag: New Zealand|NZ
🇴🇲|9|flag: Oman|OM
🇵🇦|9|flag: Panama|PA
🇵🇪|9|flag: Peru|PE
🇵🇫|9|flag: French Polynesia|PF
🇵🇬|9|flag: Papua New Guinea|PG
🇵🇭|9|flag: Philippines|PH
🇵🇰|9|flag: Pakistan|PK
🇵🇱|9|flag: Poland|PL
🇵🇲|9|flag: St. Pierre & Miquelon|PM
🇵🇳|9|flag: Pitcairn Islands|PN
🇵🇷|9|flag: Puerto Rico|PR
🇵🇸|9|flag: Palestinian Territories|PS
🇵🇹|9|flag: Portugal|PT
🇵🇼|9|flag: Palau|PW
🇵🇾|9|flag: Paraguay|PY
🇶🇦|9|flag: Qatar|QA
🇷🇪|9|flag: Réunion|RE
🇷🇴|9|flag: Romania|RO
🇷🇸|9|flag: Serbia|RS
🇷🇺|9|flag: Russia|RU
🇷🇼|9|flag: Rwanda|RW
🇸🇦|9|flag: Saudi Arabia|SA
🇸🇧|9|flag: Solomon Islands|SB
🇸🇨|9|flag: Seychelles|SC
🇸🇩|9|flag: Sudan|SD
🇸🇪|9|flag: Sweden|SE
🇸🇬|9|flag: Singapore|SG
🇸🇭|9|flag: St. Helena|SH
🇸🇮|9|flag: Slovenia|SI
🇸🇯|9|flag: Svalbard & Jan Mayen|SJ
🇸🇰|9|flag: Slovakia|SK
🇸🇱|9|flag: Sierra Leone|SL
🇸🇲|9|flag: San Marino|SM
🇸🇳|9|flag: Senegal|SN
🇸🇴|9|flag: Somalia|SO
🇸🇷|9|flag: Suriname|SR
🇸🇸|9|flag: South Sudan|SS
🇸🇹|9|flag: São Tomé & Príncipe|ST
🇸🇻|9|flag: El Salvador|SV
🇸🇽|9|flag: Sint Maarten|SX
🇸🇾|9|flag: Syria|SY
🇸🇿|9|flag: Eswatini|SZ
🇹🇦|9|flag: Tristan da Cunha|TA
🇹🇨|9|flag: Turks & Caicos Islands|TC
🇹🇩|9|flag: Chad|TD
🇹🇫|9|flag: French Southern Territories|TF
🇹🇬|9|flag: Togo|TG
🇹🇭|9|flag: Thailand|TH
🇹🇯|9|flag: Tajikistan|TJ
🇹🇰|9|flag: Tokelau|TK
🇹🇱|9|flag: Timor-Leste|TL
🇹🇲|9|flag: Turkmenistan|TM
🇹🇳|9|flag: Tunisia|TN
🇹🇴|9|flag: Tonga|TO
🇹🇷|9|flag: Türkiye|TR
🇹🇹|9|flag: Trinidad & Tobago|TT
🇹🇻|9|flag: Tuvalu|TV
🇹🇼|9|flag: Taiwan|TW
🇹🇿|9|flag: Tanzania|TZ
🇺🇦|9|flag: Ukraine|UA
🇺🇬|9|flag: Uganda|UG
🇺🇲|9|flag: U.S. Outlying Islands|UM
🇺🇳|9|flag: United Nations|UN
🇺🇸|9|flag: United States|US
🇺🇾|9|flag: Uruguay|UY
🇺🇿|9|flag: Uzbekistan|UZ
🇻🇦|9|flag: Vatican City|VA
🇻🇨|9|flag: St. Vincent & Grenadines|VC
🇻🇪|9|flag: Venezuela|VE
🇻🇬|9|flag: British Virgin Islands|VG
🇻🇮|9|flag: U.S. Virgin Islands|VI
🇻🇳|9|flag: Vietnam|VN
🇻🇺|9|flag: Vanuatu|VU
🇼🇫|9|flag: Wallis & Futuna|WF
🇼🇸|9|flag: Samoa|WS
🇽🇰|9|flag: Kosovo|XK
🇾🇪|9|flag: Yemen|YE
🇾🇹|9|flag: Mayotte|YT
🇿🇦|9|flag: South Africa|ZA
🇿🇲|9|flag: Zambia|ZM
🇿🇼|9|flag: Zimbabwe|ZW
🏴󠁧󠁢󠁥󠁮󠁧󠁿|9|flag: England|gbeng
🏴󠁧󠁢󠁳󠁣󠁴󠁿|9|flag: Scotland|gbsct
🏴󠁧󠁢󠁷󠁬󠁳󠁿|9|flag: Wales|gbwls`;
