// SPDX-License-Identifier: GPL-3.0-or-later

/// The words for 0 to 9 that Unicode's CLDR has: a beginning for whoever writes a pack, and no more.
///
/// Source: CLDR 42 by way of ICU 72.1, rule-based number format `spellout-numbering`, else `spellout-cardinal` (neuter before
/// masculine), of each language that has rules of its own. Unicode License V3. Japanese and Chinese are in characters, which
/// the engine's voices for them do not read.
enum CLDRDigits {
    /// The ten words of a language, by its tag without region; nil where CLDR has none.
    static func words(of language: String, script: String?) -> [String]? {
        let wanted = [script.map { "\(language)-\($0)" }, language].compactMap(\.self)
        let lines = table.split(separator: "\n")
        return wanted.lazy.compactMap { tag in lines.first { $0.hasPrefix(tag + ":") } }.first.map { line in
            line[line.index(after: line.firstIndex(of: ":") ?? line.startIndex)...].split(separator: "|").map { word in
                String(word.trimmingPrefix(" ").reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    private static let table = """
        af: nul | een | twee | drie | vier | vyf | ses | sewe | agt | nege
        am: ባዶ | አንድ | ሁለት | ሦስት | አራት | አምስት | ስድስት | ሰባት | ስምንት | ዘጠኝ
        ar: صفر | واحد | إثنان | ثلاثة | أربعة | خمسة | ستة | سبعة | ثمانية | تسعة
        az: sıfır | bir | iki | üç | dörd | beş | altı | yeddi | səkkiz | doqquz
        be: нуль | адзiн | два | тры | чатыры | пяць | шэсць | сем | восем | дзевяць
        bg: нула | едно | две | три | четири | пет | шест | седем | осем | девет
        bs: nula | jedan | dva | tri | četiri | pet | šest | sedam | osam | devet
        ca: zero | u | dos | tres | quatre | cinc | sis | set | vuit | nou
        chr: ꮭ ꭺꮝꮧ | ꮠꮼ | ꮤꮅ | ꮶꭲ | ꮕꭹ | ꭿꮝꭹ | ꮡꮣꮅ | ꭶꮅꮙꭹ | ꮷꮑꮃ | ꮠꮑꮃ
        cs: nula | jeden | dva | tři | čtyři | pět | šest | sedm | osm | devět
        cy: dim | un | dau | tri | pedwar | pump | chwech | saith | wyth | naw
        da: nul | et | to | tre | fire | fem | seks | syv | otte | ni
        de: null | eins | zwei | drei | vier | fünf | sechs | sieben | acht | neun
        ee: ɖekeo | ɖeka | eve | etɔ̃ | ene | atɔ̃ | ade | adre | enyi | asieke
        el: μηδέν | ένα | δύο | τρία | τέσσερα | πέντε | έξι | επτά | οκτώ | εννέα
        en: zero | one | two | three | four | five | six | seven | eight | nine
        eo: nulo | unu | du | tri | kvar | kvin | ses | sep | ok | naŭ
        es: cero | uno | dos | tres | cuatro | cinco | seis | siete | ocho | nueve
        et: null | üks | kaks | kolm | neli | viis | kuus | seitse | kaheksa | üheksa
        fa: صفر | یک | دو | سه | چهار | پنج | شش | هفت | هشت | نه
        ff: ɓolum | goʼo | ɗiɗi | tati | nawi | jowi | jeegoʼo | jeeɗiɗi | jeetati | jeenawi
        fi: nolla | yksi | kaksi | kolme | neljä | viisi | kuusi | seitsemän | kahdeksan | yhdeksän
        fil: walâ | isá | dalawá | tatló | ápat | limá | anim | pitó | waló | siyám
        fo: null | ein | tveir | tríggir | fýre | fimm | seks | sjey | átta | níggju
        fr: zéro | un | deux | trois | quatre | cinq | six | sept | huit | neuf
        ga: a náid | a haon | a dó | a trí | a ceathair | a cúig | a sé | a seacht | a hocht | a naoi
        he: אפס | אחת | שתיים | שלוש | ארבע | חמש | שש | שבע | שמונה | תשע
        hi: शून्य | एक | दो | तीन | चार | पाँच | छह | सात | आठ | नौ
        hr: nula | jedan | dva | tri | četiri | pet | šest | sedam | osam | devet
        hu: nulla | egy | kettő | három | négy | öt | hat | hét | nyolc | kilenc
        hy: զրո | մեկ | երկու | երեք | չորս | հինգ | վեց | յոթ | ութ | ինը
        id: kosong | satu | dua | tiga | empat | lima | enam | tujuh | delapan | sembilan
        is: núll | einn | tveir | þrír | fjórir | fimm | sex | sjó | átta | níu
        it: zero | uno | due | tre | quattro | cinque | sei | sette | otto | nove
        ja: 〇 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九
        ka: ნული | ერთი | ორი | სამი | ოთხი | ხუთი | ექვსი | შვიდი | რვა | ცხრა
        kk: нөл | бір | екі | үш | төрт | бес | алты | жеті | сегіз | тоғыз
        kl: nuulu | ataaseq | marluk | pingasut | sisamat | tallimat | arfinillit | arfineq-marluk | arfineq-pingasut | arfineq-sisamat
        km: សូន្យ | មួយ | ពីរ | បី | បួន | ប្រាំ | ប្រាំមួយ | ប្រាំពីរ | ប្រាំបី | ប្រាំបួន
        ko: 공 | 일 | 이 | 삼 | 사 | 오 | 육 | 칠 | 팔 | 구
        ky: нөл | бир | эки | үч | төрт | беш | алты | жети | сегиз | тогуз
        lb: null | eent | zwee | dräi | véier | fënnef | sechs | siwen | aacht | néng
        lt: nulis | vienas | du | trys | keturi | penki | šeši | septyni | aštuoni | devyni
        lv: nulle | viens | divi | trīs | četri | pieci | seši | septiņi | astoņi | deviņi
        mk: нула | еден | два | три | четири | пет | шест | седум | осум | девет
        ms: kosong | satu | dua | tiga | empat | lima | enam | tujuh | lapan | sembilan
        mt: żero | wieħed | tnejn | tlieta | erbgħa | ħamsa | sitta | sebgħa | tmienja | disgħa
        my: သုည | တစ် | နှစ် | သုံး | လေး | ငါး | ခြောက် | ခုနှစ် | ရှစ် | ကိုး
        nb: null | én | to | tre | fire | fem | seks | sju | åtte | ni
        ne: शुन्य | एक | दुई | तिन | चार | पाँच | छ | सात | आठ | नौ
        nl: nul | een | twee | drie | vier | vijf | zes | zeven | acht | negen
        nn: null | éin | to | tre | fire | fem | seks | sju | åtte | ni
        pl: zero | jeden | dwa | trzy | cztery | pięć | sześć | siedem | osiem | dziewięć
        pt: zero | um | dois | três | quatro | cinco | seis | sete | oito | nove
        qu: chusaq | huk | iskay | kinsa | tawa | phisqa | suqta | qanchis | pusaq | isqun
        ro: zero | unu | doi | trei | patru | cinci | şase | şapte | opt | nouă
        ru: ноль | один | два | три | четыре | пять | шесть | семь | восемь | девять
        se: nolla | okta | guokte | golbma | njeallje | vihtta | guhtta | čieža | gávcci | ovcci
        sk: nula | jeden | dva | tri | štyri | päť | šesť | sedem | osem | deväť
        sl: nič | ena | dva | tri | štiri | pet | šest | sedem | osem | devet
        sq: zero | një | dy | tre | katër | pesë | gjashtë | shtatë | tetë | nëntë
        sr: нула | један | два | три | четири | пет | шест | седам | осам | девет
        sr-Latn: nula | jedan | dva | tri | četiri | pet | šest | sedam | osam | devet
        su: nol | hiji | dua | tilu | opat | lima | genep | tujuh | dalapan | salapan
        sv: noll | ett | två | tre | fyra | fem | sex | sju | åtta | nio
        sw: sifuri | moja | mbili | tatu | nne | tano | sita | saba | nane | tisa
        ta: பூஜ்யம் | ஒன்று | இரண்டு | மூன்று | நான்கு | ஐந்து | ஆறு | ஏழு | எட்டு | ஒன்பது
        th: ศูนย์ | หนึ่ง | สอง | สาม | สี่ | ห้า | หก | เจ็ด | แปด | เก้า
        tr: sıfır | bir | iki | üç | dört | beş | altı | yedi | sekiz | dokuz
        uk: нуль | один | два | три | чотири | пʼять | шість | сім | вісім | девʼять
        vi: không | một | hai | ba | bốn | năm | sáu | bảy | tám | chín
        yue: 零 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九
        zh: 〇 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九
        zh-Hant: 〇 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九
        """
}
