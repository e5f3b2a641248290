// SPDX-License-Identifier: GPL-3.0-or-later

/// Other names of languages, and the languages that people understand who have none of their own here.
enum LanguageKinship {
    /// The language that a code stands for: a deprecated code's new one, an individual language's macrolanguage.
    ///
    /// Source: IANA Language Subtag Registry, `Preferred-Value` and `Macrolanguage` where the macrolanguage's code means
    /// that language (CLDR `supplementalMetadata.xml`, languageAlias); `no` is written as `nb` by CLDR, too.
    static let canonical = pairs(
        """
        als:sq arb:ar ayr:ay azj:az cmn:zh cwd:cr ekk:et esk:ik fat:ak fuc:ff gaz:om gug:gn ike:iu in:id
        iw:he ji:yi jw:jv khk:mn kmr:ku knc:kr kng:kg kpv:kv lvs:lv mo:ro no:nb npi:ne ojg:oj ory:or pbu:ps
        pes:fa plt:mg quz:qu sh:sr-Latn src:sc swh:sw tl:fil uzn:uz ydd:yi zsm:ms zyb:za
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
