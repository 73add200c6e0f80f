using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>
/// Files that pass for recordings and name others: a file of the host, or an address on the network. ffmpeg opens neither. Each is handed to
/// ffmpeg as it is, although most are plain text, which the pipeline does not take for a recording.
/// </summary>
public sealed class HostilePlaylistTests(Speech speech) : IClassFixture<Speech>, IDisposable
{
    private readonly TcpListener listener = Listen();

    /// <summary>RTP takes an even port.</summary>
    private readonly int rtpPort = LoopbackPort.Free() & ~1;

    public static TheoryData<string> Kinds => ["hls", "hls behind an ID3 tag", "ffconcat", "dash", "sdp"];

    public void Dispose() => listener.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_playlist_named_like_a_recording_does_not_open_a_file_of_the_host(string kind)
    {
        var folder = speech.NewFolder();
        var secret = Path.Combine(folder, "secret.mp4");
        await Tool.FfmpegAsync("-i", speech.ShortWav, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov+default_base_moof", secret);
        await Tool.FfmpegAsync("-i", speech.ShortWav, "-c:a", "aac", "-f", "mpegts", Path.Combine(folder, "secret.ts"));

        await AssertNothingIsOpenedAsync(Playlist(kind, folder), folder);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_playlist_named_like_a_recording_does_not_reach_the_network(string kind)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        await AssertNothingIsOpenedAsync(Playlist(kind, address), speech.NewFolder());
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("ffconcat")]
    [InlineData("dash")]
    [InlineData("sdp")]
    public void A_playlist_is_text_whatever_its_name_says(string kind)
    {
        var playlist = Playlist(kind, "/");

        Assert.NotEqual(ItemKind.Audio, ContentSniffer.Sniff(playlist, "song.mp3", playlist.Length).Kind);
    }

    private async Task AssertNothingIsOpenedAsync(byte[] playlist, string folder)
    {
        var file = Path.Combine(folder, "song.mp3");
        await File.WriteAllBytesAsync(file, playlist);
        var work = speech.NewFolder();

        var preparing = Speech.Preparer()
            .PrepareAsync(file, "audio/mpeg", new AudioRequest(Speech.Offline, 600, true), work, CancellationToken.None);
        var isReceiving = false;
        await Eventually.IsTrueAsync("the file is read", () => preparing.IsCompleted, () => isReceiving |= IsReceiving());

        Assert.Equal(FailureCodes.CorruptAudio, (await preparing).Failure?.Code);
        Assert.False(isReceiving);
        Assert.False(listener.Pending());
        Assert.All(Directory.EnumerateFiles(work), left => Assert.Equal(0, new FileInfo(left).Length));
    }

    private byte[] Playlist(string kind, string place) => kind switch
    {
        "hls" => Encoding.UTF8.GetBytes(Hls(place)),
        "hls behind an ID3 tag" => [.. "ID3\u0003\0\0\0\0\0\0"u8, .. Encoding.UTF8.GetBytes(Hls(place))],

        // Absolute paths and addresses are refused by ffconcat itself.
        "ffconcat" => "ffconcat version 1.0\nfile 'secret.ts'\n"u8.ToArray(),
        "dash" => Encoding.UTF8.GetBytes($"""
            <?xml version="1.0"?>
            <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT6S"
                 profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
            <Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" codecs="mp4a.40.2" bandwidth="64000">
            <BaseURL>{place}/secret.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>
            """),
        _ => Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {rtpPort} RTP/AVP 0\n")),
    };

    /// <summary>Whether somebody waits for the sound that the session description announces.</summary>
    private bool IsReceiving() => IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Any(end => end.Port == rtpPort);

    private static string Hls(string place) =>
        $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{place}/secret.ts\n#EXT-X-ENDLIST\n";

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
