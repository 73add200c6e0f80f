using System.Text;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

/// <summary>
/// A Whisper model of random weights in the layout that whisper.cpp loads (whisper.cpp, <c>whisper_model_load</c>): the header, the filters of the
/// spectrum, the vocabulary, and the tensors. It hears nothing, and is small.
/// </summary>
internal static class WhisperModelFile
{
    private const int Vocabulary = 51_865;
    private const int AudioContext = 1500;
    private const int TextContext = 448;
    private const int Width = 64;
    private const int Heads = 1;
    private const int Layers = 1;
    private const int Mels = 80;
    private const int Frequencies = 201;

    public static void Write(string path)
    {
        var random = new Random(5);
        using var file = new BinaryWriter(File.Create(path));
        file.Write(0x67676d6c);
        foreach (var number in new[] { Vocabulary, AudioContext, Width, Heads, Layers, TextContext, Width, Heads, Layers, Mels, 1 }) file.Write(number);
        file.Write(Mels);
        file.Write(Frequencies);
        for (var i = 0; i < Mels * Frequencies; i++) file.Write(0.01f);

        const int words = 50_257;
        file.Write(words);
        for (var i = 0; i < words; i++)
        {
            // The library looks for a space, and fails without it.
            var word = Encoding.UTF8.GetBytes(i == 220 ? " " : $" w{i}");
            file.Write(word.Length);
            file.Write(word);
        }

        Tensor("encoder.positional_embedding", Width, AudioContext);
        Tensor("encoder.conv1.weight", 3, Mels, Width);
        Tensor("encoder.conv1.bias", 1, Width);
        Tensor("encoder.conv2.weight", 3, Width, Width);
        Tensor("encoder.conv2.bias", 1, Width);
        Norm("encoder.ln_post");
        for (var layer = 0; layer < Layers; layer++)
        {
            Block($"encoder.blocks.{layer}");
            Attention($"encoder.blocks.{layer}", "attn");
        }

        Tensor("decoder.positional_embedding", Width, TextContext);
        Tensor("decoder.token_embedding.weight", Width, Vocabulary);
        Norm("decoder.ln");
        for (var layer = 0; layer < Layers; layer++)
        {
            Block($"decoder.blocks.{layer}");
            Attention($"decoder.blocks.{layer}", "attn");
            Attention($"decoder.blocks.{layer}", "cross_attn");
        }

        void Block(string name)
        {
            Norm($"{name}.mlp_ln");
            Tensor($"{name}.mlp.0.weight", Width, 4 * Width);
            Tensor($"{name}.mlp.0.bias", 4 * Width);
            Tensor($"{name}.mlp.2.weight", 4 * Width, Width);
            Tensor($"{name}.mlp.2.bias", Width);
        }

        void Attention(string block, string name)
        {
            Norm($"{block}.{name}_ln");
            Tensor($"{block}.{name}.query.weight", Width, Width);
            Tensor($"{block}.{name}.query.bias", Width);
            Tensor($"{block}.{name}.key.weight", Width, Width);
            Tensor($"{block}.{name}.value.weight", Width, Width);
            Tensor($"{block}.{name}.value.bias", Width);
            Tensor($"{block}.{name}.out.weight", Width, Width);
            Tensor($"{block}.{name}.out.bias", Width);
        }

        void Norm(string name)
        {
            Tensor($"{name}.weight", Width);
            Tensor($"{name}.bias", Width);
        }

        // In a model of 16-bit floats, matrices have 16 bits, and everything else has 32.
        void Tensor(string name, params int[] shape)
        {
            var half = shape.Length > 1 && name.EndsWith(".weight", StringComparison.Ordinal);
            var bytes = Encoding.UTF8.GetBytes(name);
            file.Write(shape.Length);
            file.Write(bytes.Length);
            file.Write(half ? 1 : 0);
            foreach (var side in shape) file.Write(side);
            file.Write(bytes);
            var count = shape.Aggregate(1, (product, side) => product * side);
            for (var i = 0; i < count; i++)
            {
                var weight = (float)((random.NextDouble() - 0.5) * 0.1);
                if (half) file.Write((Half)weight);
                else file.Write(weight);
            }
        }
    }
}
