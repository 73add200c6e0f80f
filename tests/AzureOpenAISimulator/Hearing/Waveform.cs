using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AzureOpenAISimulator.Hearing;

/// <summary>The sound of a recording: mono, 8,000 samples a second, from -1 to 1.</summary>
public sealed class Waveform
{
    public const int Rate = 8_000;

    private readonly float[] _samples;

    private Waveform(float[] samples) => _samples = samples;

    public ReadOnlySpan<float> Samples => _samples;

    /// <summary>WAV of 16-bit samples is read here; what else there is, ffmpeg decodes.</summary>
    /// <param name="file">A whole recording.</param>
    /// <param name="extension">Of its name, as <c>.flac</c>: some containers are told by it.</param>
    /// <exception cref="InvalidOperationException">ffmpeg is missing, or cannot decode it.</exception>
    public static async Task<Waveform> DecodeAsync(byte[] file, string extension, CancellationToken cancellationToken) =>
        Wav(file) ?? await FfmpegAsync(file, extension, cancellationToken);

    private static Waveform? Wav(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file.StartsWith("RIFF"u8)) return null;
        int channels = 0, rate = 0;
        for (long at = 12; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("fmt "u8) && chunk.Length >= 24)
            {
                if (BinaryPrimitives.ReadInt16LittleEndian(chunk[8..]) != 1 || BinaryPrimitives.ReadInt16LittleEndian(chunk[22..]) != 16) return null;
                channels = BinaryPrimitives.ReadInt16LittleEndian(chunk[10..]);
                rate = BinaryPrimitives.ReadInt32LittleEndian(chunk[12..]);
            }
            if (chunk.StartsWith("data"u8) && channels > 0 && rate > 0)
            {
                var bytes = (int)Math.Min(length, chunk.Length - 8) / (2 * channels) * 2 * channels;
                return new(Resampled(MemoryMarshal.Cast<byte, short>(chunk.Slice(8, bytes)), channels, rate));
            }
            at += 8 + length + (length & 1);
        }
        return null;
    }

    /// <summary>Each sample is the mean of those that fall into its time, which is filter enough to tell voices by.</summary>
    private static float[] Resampled(ReadOnlySpan<short> interleaved, int channels, int rate)
    {
        var frames = interleaved.Length / channels;
        var samples = new float[(int)((long)frames * Rate / rate)];
        for (var at = 0; at < samples.Length; at++)
        {
            var from = (int)((long)at * rate / Rate);
            var to = Math.Max(from + 1, (int)Math.Min((long)(at + 1) * rate / Rate, frames));
            float sum = 0;
            for (var value = from * channels; value < to * channels; value++) sum += interleaved[value];
            samples[at] = sum / ((to - from) * channels) / 32_768;
        }
        return samples;
    }

    private static async Task<Waveform> FfmpegAsync(byte[] file, string extension, CancellationToken cancellationToken)
    {
        // Some containers have their index at the end, so a pipe will not do.
        var path = Path.Combine(Path.GetTempPath(), $"simulator-{Guid.NewGuid():n}{extension}");
        try
        {
            await File.WriteAllBytesAsync(path, file, cancellationToken);
            string[] arguments = ["-v", "error", "-nostdin", "-i", path, "-ac", "1", "-ar", "8000", "-f", "f32le", "pipe:1"];
            var start = new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var ffmpeg = Process.Start(start)!;
            var errors = ffmpeg.StandardError.ReadToEndAsync(cancellationToken);
            using var sound = new MemoryStream();
            await ffmpeg.StandardOutput.BaseStream.CopyToAsync(sound, cancellationToken);
            await ffmpeg.WaitForExitAsync(cancellationToken);
            if (ffmpeg.ExitCode != 0) throw new InvalidOperationException($"ffmpeg cannot decode the recording: {await errors}");
            return new(MemoryMarshal.Cast<byte, float>(sound.ToArray()).ToArray());
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException(
                "The simulator tells voices in recordings other than 16-bit WAV with ffmpeg, which is not installed.", missing);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
