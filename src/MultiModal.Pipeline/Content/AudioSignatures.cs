namespace MultiModal.Pipeline.Content;

/// <summary>Recognises recordings, and videos for their sound, by their first bytes; only for files that are not text.</summary>
internal static class AudioSignatures
{
    private const int TransportPacket = 188;

    public static string? MediaType(ReadOnlySpan<byte> head, long length)
    {
        if (head.IsContainer("RIFF"u8, "WAVE"u8) || head.IsContainer("RF64"u8, "WAVE"u8) || head.IsContainer("BW64"u8, "WAVE"u8)) return "audio/wav";
        if (head.IsContainer("FORM"u8, "AIFF"u8) || head.IsContainer("FORM"u8, "AIFC"u8)) return "audio/aiff";
        if (head.IsContainer("RIFF"u8, "AVI "u8)) return "video/x-msvideo";
        if (head.StartsWith("fLaC"u8)) return "audio/flac";
        if (head.StartsWith("OggS\0"u8)) return "audio/ogg";
        if (head.StartsWith("#!AMR\n"u8)) return "audio/amr";
        if (head.StartsWith("#!AMR-WB\n"u8)) return "audio/amr-wb";
        if (head.StartsWith(
            (ReadOnlySpan<byte>)[
                0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C])) return "audio/x-ms-wma";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3])) return Matroska(head);
        if (head.StartsWith("caff\0"u8)) return "audio/x-caf";
        if (head.StartsWith(".snd\0\0\0"u8)) return "audio/basic";
        if (head.StartsWith("wvpk"u8)) return "audio/x-wavpack";
        if (head.StartsWith("MAC "u8)) return "audio/x-ape";
        if (head.StartsWith("FLV\u0001"u8)) return "video/x-flv";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0x01, 0xBA])) return "video/mpeg";
        if (IsTransportStream(head)) return "video/mp2t";
        if (IsoMedia.MediaType(head) is { } media && !media.StartsWith("image/", StringComparison.Ordinal)) return media;
        return MpegAudio.MediaType(head, length);
    }

    /// <summary>The document type is in the EBML header, within the first bytes (RFC 8794, section 11.2).</summary>
    private static string? Matroska(ReadOnlySpan<byte> head)
    {
        var header = head[..Math.Min(head.Length, 256)];
        return header.IndexOf("webm"u8) >= 0 ? "video/webm" : header.IndexOf("matroska"u8) >= 0 ? "video/x-matroska" : null;
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> head)
    {
        const int Packets = 5;
        if (head.Length <= Packets * TransportPacket) return false;
        for (var i = 0; i < Packets; i++)
        {
            if (head[i * TransportPacket] != 0x47) return false;
        }

        return true;
    }
}
