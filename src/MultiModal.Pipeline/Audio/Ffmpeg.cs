using System.Globalization;
using System.Text;
using System.Text.Json;
using FFMpegCore;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// The two programs of ffmpeg, with restricted access: they read untrusted files, so they open no network, no playlist (which would
/// name other files) and no device, and a path is passed as <c>file:…</c>, never as an option or a URL.
/// FFMpegCore only parses ffprobe's output; it starts no process, because its processes would inherit the host's secrets.
/// </summary>
internal sealed class Ffmpeg(ProgramRunner programs, AudioOptions options)
{
    // These are containers of sound and video; none refers to other files (concat, hls, dash, sdp, image sequences).
    private const string Demuxers =
        "wav,w64,rf64,aiff,caf,au,mp3,aac,flac,ogg,opus,mov,mp4,matroska,webm,asf,avi,flv,amr,amrnb,amrwb,mpegts,mpeg,ac3,eac3,dts,ape,wv,tta,mpc,mpc8,gsm,voc,aa,3gp,rm,mxf,sln,truehd,mlp,tak,oma,xwma";

    private static readonly string[] Confined = ["-hide_banner", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", Demuxers];

    /// <summary>Whether both programs are installed.</summary>
    public bool IsInstalled => ProgramRunner.Find(options.FfmpegPath) is not null && ProgramRunner.Find(options.FfprobePath) is not null;

    /// <returns>Contents of the file; <c>corrupt-audio</c> if it cannot be read, <c>file-too-large</c>, or <c>no-audio-track</c>.</returns>
    public async Task<Outcome<MediaProbe>> ProbeAsync(string filePath, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(
            new ProgramCall(options.FfprobePath, [.. Confined, "-print_format", "json", "-show_format", "-show_streams", "file:" + filePath])
            {
                TimeLimit = TimeSpan.FromMinutes(2),
            },
            cancellationToken);
        if (result.End is ProgramEnd.TimedOut) return TimedOut();
        if (result.RanOutOfMemory) return AudioFailures.TooMuchMemory(programs.MaxMegabytes);
        if (!result.Succeeded) return Corrupt();
        IMediaAnalysis analysis;
        try
        {
            analysis = FFProbe.FromJson(Encoding.UTF8.GetString(result.Output.Span));
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            return Corrupt();
        }

        // ffmpeg counts a cover picture as a video stream.
        var hasPicture = analysis.VideoStreams.Any(v => v.Disposition is null || !v.Disposition.TryGetValue("attached_pic", out var cover) || !cover);
        if (analysis.AudioStreams.Count == 0)
        {
            return new Failure(
                FailureCodes.NoAudioTrack,
                hasPicture
                    ? "The video has no sound, and its picture is not looked at. Drop pictures from it as images."
                    : "The file has no audio track. Export it anew, with its sound.");
        }

        return new MediaProbe(analysis.Duration.TotalSeconds, hasPicture, analysis.AudioStreams[0].Channels ?? 0);
    }

    /// <summary>Decodes the first audio track into <paramref name="recording"/>.</summary>
    /// <returns>True if ffmpeg found damage while decoding.</returns>
    public async Task<Outcome<bool>> DecodeAsync(string filePath, PcmRecording recording, Downmix downmix, CancellationToken cancellationToken)
    {
        // Sound that starts late or has gaps keeps the times that a player shows.
        const string resample = "aresample=async=1:first_pts=0";
        var withinLength = true;
        var limit = (options.MaxSeconds + 1).ToString(CultureInfo.InvariantCulture);
        ProgramResult result;
        result = await programs.RunAsync(
            new ProgramCall(
                options.FfmpegPath,
                [
                    "-nostdin", .. Confined, "-i", "file:" + filePath,
                    "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", limit,
                    "-af", downmix == Downmix.Sum ? resample : resample + ",pan=mono|c0=0.5*c0-0.5*c1",
                    "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "s16le", "-protocol_whitelist", "pipe", "pipe:1",
                ])
            {
                TimeLimit = TimeSpan.FromSeconds(options.DecodeTimeoutSeconds),
            },
            async (pcm, cancelled) => withinLength = await recording.ReadFromAsync(pcm, options.MaxSeconds, cancelled),
            cancellationToken);
        if (!withinLength) return AudioFailures.TooLong(options.MaxSeconds);
        if (result.End is ProgramEnd.TimedOut) return TimedOut();
        if (result.RanOutOfMemory) return AudioFailures.TooMuchMemory(programs.MaxMegabytes);
        if (result.End is not ProgramEnd.Exited || recording.SampleCount == 0) return Corrupt();
        return result.ExitCode != 0 || result.Errors.Length > 0;
    }

    /// <summary>Encodes a WAV file losslessly.</summary>
    /// <returns>False if ffmpeg cannot encode it.</returns>
    public async Task<bool> EncodeFlacAsync(string wavPath, string flacPath, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(
            new ProgramCall(
                options.FfmpegPath,
                [
                    "-nostdin", .. Confined, "-i", "file:" + wavPath,
                    // The output is bit-exact: no encoder name or date is in the file, so that the same sound has the same hash.
                    "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact",
                    "-c:a", "flac", "-compression_level", "5", "-threads", "1", "-y", "-f", "flac", "-protocol_whitelist", "file", "file:" + flacPath,
                ])
            {
                TimeLimit = TimeSpan.FromSeconds(options.DecodeTimeoutSeconds),
            },
            cancellationToken);
        return result.Succeeded;
    }

    private static Failure Corrupt() => AudioFailures.Corrupt();

    private Failure TimedOut() => new(
        FailureCodes.StepTimedOut,
        $"Decoding took longer than Audio:DecodeTimeoutSeconds ({options.DecodeTimeoutSeconds}). Start the batch again, or raise the limit.",
        Retryable: true);
}

/// <param name="Seconds">Duration by the file's headers (or by ffprobe's estimate), in seconds; 0 if it is unknown.</param>
/// <param name="HasPicture">True if there is video beside the sound; a cover picture does not count.</param>
/// <param name="Channels">Channels of the sound; 0 if that is unknown.</param>
internal sealed record MediaProbe(double Seconds, bool HasPicture, int Channels);

/// <summary>How the channels of a recording become one.</summary>
internal enum Downmix
{
    /// <summary>Their average.</summary>
    Sum,

    /// <summary>Half of the difference of two channels, which is what is left where one of them was connected the wrong way round.</summary>
    Difference,
}
