using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Silero VAD 6 for 16 kHz, which says of each 32 ms of sound how probable speech is. It is a short-time Fourier transform, four convolutions and an
/// LSTM cell, computed here with the weights of the published file. ONNX Runtime computes the same (docs/adr/0019).
/// </summary>
/// <remarks>A network holds the state of one recording: it is not for several threads.</remarks>
internal sealed class SpeechNetwork
{
    /// <summary>Samples of a frame, 32 ms.</summary>
    public const int FrameSamples = 512;

    // The network sees the end of the frame before, and the end of this one mirrored.
    private const int Before = 64;
    private const int Window = 256;
    private const int Hop = 128;
    private const int Bins = (Window / 2) + 1;
    private const int Steps = 4;
    private const int Cells = 128;

    private readonly SpeechWeights weights;
    private readonly float[] sound = new float[Before + FrameSamples + Before];
    private readonly float[] spectrum = new float[Steps * Bins];
    private readonly float[] first = new float[Steps * 128];
    private readonly float[] second = new float[Steps / 2 * 64];
    private readonly float[] third = new float[64];
    private readonly float[] fourth = new float[Cells];
    private readonly float[] patch = new float[3 * Bins];
    private readonly float[] waves = new float[2 * Bins];
    private readonly float[] gates = new float[4 * Cells];
    private readonly float[] recurrent = new float[4 * Cells];
    private readonly float[] hidden = new float[Cells];
    private readonly float[] memory = new float[Cells];

    public SpeechNetwork(SpeechWeights weights) => this.weights = weights;

    /// <param name="frame">The next <see cref="FrameSamples"/> samples, with a full scale of ±1.</param>
    /// <returns>Probability that somebody speaks.</returns>
    public float Next(ReadOnlySpan<float> frame)
    {
        sound.AsSpan(FrameSamples, Before).CopyTo(sound);
        frame.CopyTo(sound.AsSpan(Before));
        var end = Before + FrameSamples;
        for (var i = 0; i < Before; i++) sound[end + i] = sound[end - 2 - i];

        Transform();
        Convolve(spectrum, Bins, Steps, stride: 1, weights.Encoder[0], first);
        Convolve(first, 128, Steps, stride: 2, weights.Encoder[1], second);
        Convolve(second, 64, Steps / 2, stride: 2, weights.Encoder[2], third);
        Convolve(third, 64, 1, stride: 1, weights.Encoder[3], fourth);
        Remember();
        return Decide();
    }

    private void Transform()
    {
        for (var step = 0; step < Steps; step++)
        {
            Multiply(weights.Basis, sound.AsSpan(step * Hop, Window), waves);
            for (var bin = 0; bin < Bins; bin++)
            {
                var (real, imaginary) = (waves[bin], waves[Bins + bin]);
                spectrum[(step * Bins) + bin] = MathF.Sqrt((real * real) + (imaginary * imaginary));
            }
        }
    }

    /// <summary>A convolution over three steps, with one step of zeros at each end, and a rectifier. Rows are steps.</summary>
    private void Convolve(float[] input, int channels, int steps, int stride, SpeechLayer layer, float[] output)
    {
        var outputs = layer.Bias.Length;
        var window = patch.AsSpan(0, 3 * channels);
        for (var step = 0; step * stride < steps; step++)
        {
            for (var tap = 0; tap < 3; tap++)
            {
                var from = (step * stride) + tap - 1;
                var row = window.Slice(tap * channels, channels);
                if (from < 0 || from >= steps) row.Clear();
                else input.AsSpan(from * channels, channels).CopyTo(row);
            }

            var result = output.AsSpan(step * outputs, outputs);
            Multiply(layer.Weights, window, result);
            for (var i = 0; i < outputs; i++) result[i] = MathF.Max(0, result[i] + layer.Bias[i]);
        }
    }

    /// <summary>The LSTM cell. Its gates are in PyTorch's order: input, forget, cell, output.</summary>
    private void Remember()
    {
        Multiply(weights.InputGates, fourth, gates);
        Multiply(weights.HiddenGates, hidden, recurrent);
        for (var i = 0; i < gates.Length; i++) gates[i] += recurrent[i] + weights.GateBias[i];
        for (var i = 0; i < Cells; i++)
        {
            memory[i] = (Sigmoid(gates[Cells + i]) * memory[i]) + (Sigmoid(gates[i]) * MathF.Tanh(gates[(2 * Cells) + i]));
            hidden[i] = Sigmoid(gates[(3 * Cells) + i]) * MathF.Tanh(memory[i]);
        }
    }

    private float Decide()
    {
        var sum = weights.Decision.Bias[0];
        for (var i = 0; i < Cells; i++) sum += MathF.Max(0, hidden[i]) * weights.Decision.Weights[i];
        return Sigmoid(sum);
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    /// <summary>
    /// A matrix times a vector. Almost all the time goes here, so that it is compiled at once for the processor that it runs on, and not by and by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> output)
    {
        var length = vector.Length;
        var lanes = MemoryMarshal.Cast<float, Vector<float>>(vector);
        var rest = lanes.Length * Vector<float>.Count;
        var row = 0;
        // Four rows at a time: each part of the vector is loaded once for them, and their sums do not wait for each other.
        for (; row + 4 <= output.Length; row += 4)
        {
            var block = rows.Slice(row * length, 4 * length);
            var first = MemoryMarshal.Cast<float, Vector<float>>(block[..length]);
            var second = MemoryMarshal.Cast<float, Vector<float>>(block.Slice(length, length));
            var third = MemoryMarshal.Cast<float, Vector<float>>(block.Slice(2 * length, length));
            var fourth = MemoryMarshal.Cast<float, Vector<float>>(block.Slice(3 * length, length));
            Vector<float> a = default, b = default, c = default, d = default;
            for (var i = 0; i < lanes.Length && i < first.Length && i < second.Length && i < third.Length && i < fourth.Length; i++)
            {
                a += lanes[i] * first[i];
                b += lanes[i] * second[i];
                c += lanes[i] * third[i];
                d += lanes[i] * fourth[i];
            }

            (output[row], output[row + 1], output[row + 2], output[row + 3]) = (Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));
            for (var i = rest; i < length; i++)
            {
                for (var of = 0; of < 4; of++) output[row + of] += vector[i] * block[(of * length) + i];
            }
        }

        for (; row < output.Length; row++)
        {
            float sum = 0;
            for (var i = 0; i < length; i++) sum += vector[i] * rows[(row * length) + i];
            output[row] = sum;
        }
    }
}

/// <summary>The weights of <see cref="SpeechNetwork"/>, which recordings share.</summary>
internal sealed class SpeechWeights
{
    private SpeechWeights(IReadOnlyDictionary<string, float[]> tensors)
    {
        Basis = Get("model.stft.forward_basis_buffer", 258 * 256);
        Encoder = [Layer(0, 129, 128), Layer(1, 128, 64), Layer(2, 64, 64), Layer(3, 64, 128)];
        InputGates = Get("model.decoder.rnn.weight_ih", 512 * 128);
        HiddenGates = Get("model.decoder.rnn.weight_hh", 512 * 128);
        GateBias = [.. Get("model.decoder.rnn.bias_ih", 512).Zip(Get("model.decoder.rnn.bias_hh", 512), (input, hidden) => input + hidden)];
        Decision = new SpeechLayer(Get("model.decoder.decoder.2.weight", 128), Get("model.decoder.decoder.2.bias", 1));

        float[] Get(string name, int length) => tensors.TryGetValue(name, out var tensor) && tensor.Length == length
            ? tensor
            : throw new InvalidDataException($"This is not Silero VAD 6 for 16 kHz: {name} is missing or has another size.");

        SpeechLayer Layer(int number, int inputs, int outputs) => new(
            ByStep(Get($"model.encoder.{number}.reparam_conv.weight", outputs * inputs * 3), inputs),
            Get($"model.encoder.{number}.reparam_conv.bias", outputs));
    }

    /// <summary>Windowed cosines, then sines, a row for each frequency.</summary>
    public float[] Basis { get; }

    public IReadOnlyList<SpeechLayer> Encoder { get; }

    public float[] InputGates { get; }

    public float[] HiddenGates { get; }

    public float[] GateBias { get; }

    public SpeechLayer Decision { get; }

    /// <exception cref="InvalidDataException">The bytes are not the weights of this network.</exception>
    public static SpeechWeights Read(ReadOnlyMemory<byte> onnx) => new(OnnxTensors.Read(onnx));

    /// <summary>Weights of a convolution over three steps, in the order in which <see cref="SpeechNetwork"/> has its input: by step and channel.</summary>
    private static float[] ByStep(float[] weights, int channels)
    {
        var ordered = new float[weights.Length];
        for (var row = 0; row < weights.Length; row += 3 * channels)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                for (var tap = 0; tap < 3; tap++) ordered[row + (tap * channels) + channel] = weights[row + (channel * 3) + tap];
            }
        }

        return ordered;
    }
}

/// <param name="Weights">A row for each output.</param>
/// <param name="Bias">A number for each output.</param>
internal sealed record SpeechLayer(float[] Weights, float[] Bias);
