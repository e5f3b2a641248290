// SPDX-License-Identifier: GPL-3.0-or-later

/// Other names of languages, and the languages that people understand who have none of their own here.
enum LanguageKinship {
    /// The language that a code stands for: a deprecated code's new one, an individual language's macrolanguage.
    ///
    /// Source: IANA Language Subtag Registry, `Preferred-Value` and `Macrolanguage` where the macrolanguage's code means
    /// that language (CLDR `supplementalMetadata.xml`, languageAlias); `no` is written as `nb` by CLDR, too. For the languages
    /// of the packs also the three letters of ISO 639-2 and 639-3, which CLDR calls overlong: `eng`, `deu`, `ger`.
    static let canonical = pairs(
        """
        afr:af alb:sq als:sq amh:am ara:ar arb:ar arm:hy asm:as ayr:ay aze:az azj:az baq:eu bel:be ben:bn
        bos:bs bul:bg cat:ca ces:cs chi:zh cmn:zh cwd:cr cym:cy cze:cs dan:da deu:de dut:nl ekk:et ell:el
        eng:en epo:eo esk:ik est:et eus:eu fas:fa fat:ak fin:fi fra:fr fre:fr fuc:ff gaz:om geo:ka ger:de
        gle:ga gre:el gug:gn guj:gu hat:ht heb:he hin:hi hrv:hr hun:hu hye:hy ice:is ike:iu in:id ind:id
        isl:is ita:it iw:he ji:yi jpn:ja jw:jv kan:kn kat:ka kaz:kk khk:mn kir:ky kmr:ku knc:kr kng:kg
        kor:ko kpv:kv lav:lv lit:lt ltz:lb lvs:lv mac:mk mal:ml mao:mi mar:mr may:ms mkd:mk mlt:mt mo:ro
        mol:ro mri:mi msa:ms nep:ne nld:nl nno:nn no:nb nob:nb nor:nb npi:ne ojg:oj ori:or ory:or pan:pa
        pbu:ps per:fa pes:fa plt:mg pol:pl por:pt quz:qu ron:ro rum:ro rus:ru scc:sr scr:hr sh:sr-Latn
        sin:si slk:sk slo:sk slv:sl spa:es sqi:sq src:sc srp:sr swa:sw swe:sv swh:sw tam:ta tel:te tgl:fil
        tha:th tl:fil tur:tr ukr:uk urd:ur uzb:uz uzn:uz vie:vi wel:cy ydd:yi zho:zh zsm:ms zyb:za
        """
    ).mapValues { $0[0] }

    /// Languages that most speakers of another understand, the nearest first.
    ///
    /// Source: CLDR `languageInfo.xml`, languageMatching type `written_new`, up to a distance of 30, without English:
    /// those who get English there get the service's own locale here.
    static let understood = pairs(
        """
        aa:ssy aae:sq aao:ar aat:sq ab:ru abh:ar abv:ar acm:ar acq:ar acw:ar acx:ar acy:ar adf:ar aeb:ar
        aec:ar af:nl afb:ar aii:syr ajp:ar aln:sq apc:ar apd:ar arq:ar ars:ar ary:ar arz:ar auz:ar avl:ar
        ay:es ayh:ar ayl:ar ayn:ar ayp:ar az:ru azb:az bal:ur bbz:ar be:ru bh:hi bhr:mg bjn:ms bjq:mg
        bmm:mg bo:zh br:fr bs:hr/sr btj:ms bve:ms bvu:ms bzc:mg cdo:zh ceb:fil cjy:zh ckb:ar co:fr coa:ms
        cpx:zh crs:fr czh:zh czo:zh da:nb dty:ne dup:ms enb:kln eyo:kln ffm:ff fo:da fub:ff fue:ff fuf:ff
        fuh:ff fui:ff fuq:ff fuv:ff fy:nl gan:zh gax:om gkp:kpe gl:es gn:es gnw:gn gom:kok gsw:de gu:hi
        gui:gn gun:gn hae:om hak:zh hji:ms hsn:zh ht:fr hy:ru ida:luy ikt:iu jak:ms jax:ms jv:id kg:fr
        kk:ru ku:tr kvb:ms kvr:ms kxd:ms ky:ru la:it lb:de lce:ms lcf:ms liw:ms lkb:luy lko:luy lks:luy
        ln:fr lri:luy lrm:luy lsm:luy ltg:lv lto:luy lts:luy lua:fr lwg:luy lzh:zh mai:hi max:ms meo:ms
        mfa:ms mfb:ms mg:fr min:ms mn:ru mnp:zh mqg:ms mr:hi msh:mg msi:ms mui:ms mvf:mn nan:zh nhd:gn
        niq:kln nle:luy nn:nb nyd:luy oc:fr oki:kln orc:om orn:ms ors:ms pbt:ps pel:ms pga:ar pko:kln
        pse:ms pst:ps qu:es qub:qu qud:qu quf:qu qug:qu quh:qu quk:qu qul:qu qup:qu qur:qu qus:qu quw:qu
        qux:qu quy:qu qva:qu qvc:qu qve:qu qvh:qu qvi:qu qvj:qu qvl:qu qvm:qu qvn:qu qvo:qu qvp:qu qvs:qu
        qvw:qu qvz:qu qwa:qu qwc:qu qwh:qu qws:qu qxa:qu qxc:qu qxh:qu qxl:qu qxn:qu qxo:qu qxp:qu qxr:qu
        qxt:qu qxu:qu qxw:qu rag:luy rm:de rw:fr sa:hi sdc:sc sdn:sc sgc:kln shu:ar skg:mg spv:or sro:sc
        ssh:ar ssy:aa su:id tdx:mg tec:kln tg:ru tk:ru tkg:mg tmw:ms tt:ru tuy:kln txy:mg ug:zh uk:ru
        urk:ms uz:ru uzs:uz vkk:ms vkt:ms vro:et wo:fr wuu:zh xmm:ms xmv:mg xmw:mg yih:yi yue:zh za:zh
        zlm:ms zmi:ms
        """
    )

    private static func pairs(_ text: String) -> [String: [String]] {
        var pairs: [String: [String]] = [:]
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: ":")
            guard parts.count == 2 else { continue }
            pairs[String(parts[0])] = parts[1].split(separator: "/").map(String.init)
        }
        return pairs
    }
}
