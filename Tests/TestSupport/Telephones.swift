// SPDX-License-Identifier: GPL-3.0-or-later

/// Telephones on the loopback, each a program of Debian's that a script starts and ends.
public enum Telephones {
    /// Functions for scripts: each waits until its telephone can be called; that of sipp is the process `$telephone`.
    public static let functions = """
        # TLS has the port behind $port, and keys the next one.
        # What runs in a group of its own (a proxy, sipp behind `timeout`) ends with all of it: what is left would hold the test.
        ends() { for job in $(jobs -p); do kill -KILL -- "-$job" || kill -KILL "$job"; done; wait; }
        trap 'exec 2>/dev/null; ends' EXIT
        listens() { until grep -qi ":$(printf %04X "$1") " /proc/net/udp /proc/net/tcp; do sleep 0.02; done; }
        # sipp's answers, by a scenario: answers PORT SCENARIO [OPTION…]
        answers() {
            timeout -s KILL 30 sipp -sf "$2" -i 127.0.0.1 -p "$1" -m 1 -nostdin "${@:3}" \\
                >sipp.out 2>sipp.err &
            telephone=$!
            listens "$1"
        }
        # baresip, which takes every call, records what it hears, and with keys=1 presses those that it is told by UDP two ports
        # above (its log comes at its end then):
        # telephone PORT [WORDS FOR ITS ACCOUNT]
        telephone() {
            mkdir -p phone && touch phone/contacts
            printf '<sip:anna@127.0.0.1:%s>;regint=0;answermode=auto%s\\n' "$1" "${2-}" >phone/accounts
            cat >phone/config <<CONFIG
        sip_listen 127.0.0.1:$1
        sip_certificate $PWD/phone.pem
        ${keys:+cons_listen 127.0.0.1:$(($1 + 2))}
        audio_player aubridge,x
        audio_source aufile,$PWD/silence.wav
        audio_alert aubridge,a
        jitter_buffer_delay 0-0
        snd_path $PWD/phone
        module_path $(dirname "$(find /usr/lib* -name g711.so -path '*baresip*' 2>/dev/null | head -1)")
        module g711.so
        module aubridge.so
        module aufile.so
        module sndfile.so
        ${keys:+module cons.so}
        module_app account.so
        module_app menu.so
        CONFIG
            python3 -c 'import wave; w = wave.open("silence.wav", "wb"); w.setparams((1, 2, 8000, 0, "NONE", "")); w.writeframes(bytes(960000))'
            baresip -f phone -t 120 >phone.log 2>&1 &
            until grep -qs "baresip is ready" phone.log; do sleep 0.02; done
        }
        # Linphone, which takes every call and shows the lines that are written in it; told by descriptor 8 what to do: reads PORT
        reads() {
            mkdir -p home/.local/share/linphone home/.config/linphone && mkfifo orders
            pair sound && pair text
            cat >linphone.rc <<CONFIG
        [sip]
        sip_port=$1
        sip_tcp_port=-1
        sip_tls_port=-1
        [rtp]
        audio_rtp_port=$sound
        text_rtp_port=$text
        [misc]
        rtt=1
        [text]
        enabled=1
        rtt=1
        CONFIG
            HOME=$PWD/home linphonec -c linphone.rc -a <orders >said 2>&1 &
            telephone=$!
            exec 8>orders
            until grep -qi ":$(printf %04X "$1") " /proc/net/udp /proc/net/udp6; do sleep 0.02; done
        }
        # Sets a variable to a port that is free, and so is the one behind it, among those that the kernel does not give by itself.
        pair() {
            local free=$((10000 + RANDOM % 10000 * 2))
            while grep -qiE ":($(printf '%04X|%04X' "$free" $((free + 1)))) " /proc/net/udp /proc/net/tcp; do
                free=$((free + 2))
            done
            printf -v "$1" %s "$free"
        }
        # rtpengine, by way of which sound goes, with one thread, since two may change the order of packets that come late:
        # relay PORT
        relay() {
            rtpengine --foreground --log-stderr --log-level=6 --table=-1 --num-threads=1 --delete-delay=0 --interface=127.0.0.1 \\
                --listen-ng="127.0.0.1:$1" --port-min=30000 --port-max=32766 >relay.log 2>&1 &
            listens "$1"
        }
        # Kamailio, which asks for "me" and "word", and brings every call to a telephone: proxy PORT TELEPHONE RELAY [ALGORITHM
        # [ANOTHER CHALLENGE]]; TLS has the next port.
        proxy() {
            cat >proxy.cfg <<CONFIG
        #!KAMAILIO
        debug=-1
        children=1
        tcp_children=1
        enable_tls=yes
        $(printf 'loadmodule "%s.so"\n' tls tm sl rr pv textops siputils auth maxfwd rtpengine)
        modparam("tls", "config", "$PWD/tls.cfg")
        modparam("auth", "algorithm", "${4-MD5}")
        modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:$3")
        request_route {
            if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
            if (has_totag()) {
                if (loose_route()) {
                    if (is_method("BYE")) rtpengine_delete();
                    t_relay();
                    exit;
                }
                if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
                sl_send_reply("404", "Not Here");
                exit;
            }
            if (is_method("CANCEL")) { rtpengine_delete(); if (t_check_trans()) t_relay(); exit; }
            if (is_method("REGISTER")) {
                if (!pv_www_authenticate("proxy", "word", "0")) { www_challenge("proxy", "0"); exit; }
                sl_send_reply("200", "OK");
                exit;
            }
            if (!pv_proxy_authenticate("proxy", "word", "0")) { ${5-} proxy_challenge("proxy", "0"); exit; }
            consume_credentials();
            record_route();
            rtpengine_manage("replace-origin");
            t_on_reply("ANSWER");
            \\$du = "sip:127.0.0.1:$2";
            t_relay();
        }
        onreply_route[ANSWER] { if (has_body("application/sdp")) rtpengine_manage("replace-origin"); }
        CONFIG
            printf '[server:default]\nmethod = TLSv1.2+\nprivate_key = %s/key.pem\ncertificate = %s/cert.pem\n' \\
                "$PWD" "$PWD" >tls.cfg
            setsid kamailio -f proxy.cfg -DD -E -m 16 -M 4 -Y "$PWD" -P "$PWD/proxy.pid" \\
                -l "udp:127.0.0.1:$1" -l "tcp:127.0.0.1:$1" -l "tls:127.0.0.1:$(($1 + 1))" >proxy.log 2>&1 &
            proxy=$!
            listens "$1" && listens "$(($1 + 1))"
        }
        # A certificate of 127.0.0.1 that signs itself, and is trusted by who is told so.
        certificate() {
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=${1-127.0.0.1}" \\
                -addext "subjectAltName=${2-IP:127.0.0.1}" -keyout key.pem -out cert.pem 2>/dev/null
            cat key.pem cert.pem >phone.pem
        }

        """

    /// Compares in Python what the telephone has recorded with what was rendered, and says that they are alike.
    public static let comparison = """
        import glob, struct, wave
        heard = wave.open(glob.glob("phone/dump*dec.wav")[0])
        heard = struct.unpack(f"<{heard.getnframes()}h", heard.readframes(heard.getnframes()))
        def linear(byte):
            byte = ~byte & 0xFF
            value = ((((byte & 15) << 3) + 0x84) << (byte >> 4 & 7)) - 0x84
            return -value if byte & 0x80 else value
        sent = [linear(byte) for byte in open("rendered.ulaw", "rb").read()]
        # What the phone had not played when it was told of the end may lack; its tables have silence at 2.
        assert len(sent) - 10 * 160 <= len(heard) <= len(sent) + 160, (len(sent), len(heard))
        wrong = [i for i in range(min(len(sent), len(heard))) if abs(sent[i] - heard[i]) > 2]
        assert not wrong, (len(wrong), wrong[0] / 160)
        print("alike")
        """

    /// A message of a scenario.
    public enum Step: Sendable {
        case wait(request: String)
        /// An answer to the last request of that kind, with a description of media where it is a 200 to an invitation.
        case answer(Int, to: String)
        case pause(milliseconds: Int)
        /// A request of the telephone's own, within the call.
        case ask(String)
        case waitForAnswer(Int)
    }

    /// A scenario as sipp reads it.
    public static func scenario(_ steps: Step...) -> String { scenario(steps) }

    /// A scenario as sipp reads it.
    public static func scenario(_ steps: [Step]) -> String {
        "<?xml version=\"1.0\"?>\n<scenario name=\"telephone\">\n" + steps.map(xml).joined(separator: "\n")
            + "\n</scenario>\n"
    }

    private static func xml(_ step: Step) -> String {
        switch step {
        case .wait("INVITE"):
            return """
                <recv request="INVITE" crlf="true">
                  <action>
                    <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
                    <ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
                    <ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="contact"/>
                    <ereg regexp="branch=[^;]*" search_in="hdr" header="Via:" assign_to="branch"/>
                    <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/>
                  </action>
                </recv>
                <Reference variables="from,to,contact,branch,number"/>
                """
        case .wait(let request): return "<recv request=\"\(request)\"/>"
        case .waitForAnswer(let status): return "<recv response=\"\(status)\"/>"
        case .pause(let milliseconds): return "<pause milliseconds=\"\(milliseconds)\"/>"
        case .ask(let method):
            return """
                <send retrans="500"><![CDATA[
                \(method) [$contact] SIP/2.0
                Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
                From:[$to];tag=[pid]
                To:[$from]
                [last_Call-ID:]
                CSeq: 7 \(method)
                Max-Forwards: 70
                Content-Length: 0

                ]]></send>
                """
        case .answer(let status, let request):
            let isTaken = status == 200 && request == "INVITE"
            let body =
                isTaken
                ? """
                Contact: <sip:[local_ip]:[local_port];transport=[transport]>
                Content-Type: application/sdp
                Content-Length: [len]

                v=0
                o=- 1 1 IN IP4 [local_ip]
                s=-
                c=IN IP4 [local_ip]
                t=0 0
                m=audio [media_port] RTP/AVP 8
                """ : "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\nContent-Length: 0\n"
            let challenge = "Proxy-Authenticate: Digest realm=\"telephone\", nonce=\"0\", algorithm=MD5\n"
            return """
                <send\(request == "INVITE" && status >= 200 ? " retrans=\"500\"" : "")><![CDATA[
                SIP/2.0 \(status) Answer
                [last_Via:]
                From:[$from]
                To:[$to];tag=[pid]
                [last_Call-ID:]
                \(request == "INVITE" ? "CSeq: [$number] INVITE" : "[last_CSeq:]")
                \(status == 407 ? challenge : "")\(body)
                ]]></send>
                """
        }
    }
}
