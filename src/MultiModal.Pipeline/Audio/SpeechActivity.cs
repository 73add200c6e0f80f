using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Audio;

/// <summary>Asks <see cref="SpeechNetwork"/> how probable speech is in each 32 ms of a recording.</summary>
internal static class SpeechActivity
{
    // The loudest sound is raised to about the level of a voice near a microphone, because the network hears nothing in much softer ones.
    private const double VoiceDb = -20;

    // A block is half a minute, so that a recording of any length takes little memory.
    private const int BlockFrames = 1024;

    /// <returns>A probability for each <see cref="SpeechNetwork.FrameSamples"/> samples; the last may be of fewer.</returns>
    public static async Task<float[]> MeasureAsync(PcmRecording recording, SpeechWeights weights, CancellationToken cancellationToken)
    {
        const int size = SpeechNetwork.FrameSamples;
        var gain = MathF.Max(1, (float)Math.Pow(10, (VoiceDb - SpeechMap.Loudest(recording.Levels)) / 20)) / LevelMeter.FullScale;
        var network = new SpeechNetwork(weights);
        var probabilities = new float[(recording.SampleCount + size - 1) / size];
        var block = new byte[BlockFrames * size * PcmFormat.BytesPerSample];
        var frame = new float[size];
        for (var done = 0; done < probabilities.Length; done += BlockFrames)
        {
            var count = (int)Math.Min(BlockFrames * size, recording.SampleCount - ((long)done * size));
            await recording.ReadAsync((long)done * size, block.AsMemory(0, count * PcmFormat.BytesPerSample), cancellationToken);
            var samples = MemoryMarshal.Cast<byte, short>(block).ToArray();
            for (var at = 0; at < count; at += size)
            {
                for (var i = 0; i < size; i++) frame[i] = at + i < count ? samples[at + i] * gain : 0;
                probabilities[done + (at / size)] = network.Next(frame);
            }
        }

        return probabilities;
    }
}
