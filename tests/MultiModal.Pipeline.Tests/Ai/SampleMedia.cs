using MultiModal.Pipeline.Ai;
using NetVips;

namespace MultiModal.Pipeline.Tests.Ai;

internal static class SampleMedia
{
    /// <summary>A JPEG of one grey.</summary>
    public static VisionRequest Image(int width = 96, int height = 64, int grey = 90)
    {
        using var black = NetVips.Image.Black(width, height);
        using var image = (black + grey).Cast(Enums.BandFormat.Uchar);
        return new VisionRequest(image.JpegsaveBuffer(), "image/jpeg", width, height);
    }

    /// <summary>A tone as 16 kHz mono 16-bit WAV.</summary>
    public static SpeechRequest Recording(TemporaryFolder folder, double seconds = 3)
    {
        var path = Path.Combine(folder.Path, "söme, näme.wav");
        File.WriteAllBytes(path, Wav.Tone(seconds));
        return new SpeechRequest(path, "audio/wav", seconds);
    }

    /// <summary>Made voices one after the other, with a pause of half a second before each and after the last.</summary>
    public static SpeechRequest Voices(TemporaryFolder folder, params (double Hertz, double Seconds)[] utterances)
    {
        var path = Path.Combine(folder.Path, "voices.wav");
        File.WriteAllBytes(path, ToneVoices.Saying(0.5, utterances));
        return new SpeechRequest(path, "audio/wav", utterances.Sum(u => u.Seconds + 0.5) + 0.5);
    }
}
